/**
 * UDP over IPv4 and IPv6 (RFC 768): the header's view and its checksum.
 *
 * <p>Deliberately not done: jumbograms (a length field of zero, RFC 2675); they exist for IPv6 alone.
 */
@NullMarked
package io.vireo.protocols.udp;

import org.jspecify.annotations.NullMarked;
