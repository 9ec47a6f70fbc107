/**
 * IPv6 (RFC 8200): the fixed header's view.
 *
 * <p>Deliberately not done: extension headers; whoever needs the transport behind one does not find it. Jumbograms (RFC
 * 2675).
 */
@NullMarked
package io.vireo.protocols.ipv6;

import org.jspecify.annotations.NullMarked;
