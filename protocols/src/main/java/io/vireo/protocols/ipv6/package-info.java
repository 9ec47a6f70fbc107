/**
 * IPv6 (RFC 8200): the fixed header's view, addresses and prefixes as values, and the way through extension headers.
 *
 * <p>Deliberately not done: jumbograms (RFC 2675); options within extension headers, of which none asks anything of a
 * router that reads no more than a frame's head.
 */
@NullMarked
package io.vireo.protocols.ipv6;

import org.jspecify.annotations.NullMarked;
