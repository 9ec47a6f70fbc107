/**
 * Work that a sender left to its network device: completing the checksum of TCP and UDP, and cutting a super-frame into
 * segments.
 *
 * <pre>
 *   TransportFrame   where the headers of a TCP or UDP frame are, by its private head alone
 *   Segmenter        headers of each segment: made from that head; where its payload is: for the caller to copy
 * </pre>
 *
 * <p>Invariants: neither touches payload, whose sum is the caller's to give; every header field that depends on a length is
 * computed, never taken from the sender.
 *
 * <p>Deliberately not done: VLAN tags, IPv6 extension headers, fragments, tunnels. Such frames are not recognised.
 */
@NullMarked
package io.vireo.protocols.segmentation;

import org.jspecify.annotations.NullMarked;
