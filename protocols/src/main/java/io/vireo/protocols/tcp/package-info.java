/**
 * TCP (RFC 9293): the header's view, as far as forwarding and segmentation need it.
 *
 * <p>Deliberately not done: connections. Vireo ends none.
 */
@NullMarked
package io.vireo.protocols.tcp;

import org.jspecify.annotations.NullMarked;
