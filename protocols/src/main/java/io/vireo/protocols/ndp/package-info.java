/**
 * Neighbour discovery (RFC 4861) as a router needs it that is every guest's only neighbour: solicitations for its own
 * addresses are answered in place, router solicitations recognised, and router advertisements built whole.
 *
 * <p>Invariants: nothing is believed that has not hop limit 255, a right checksum, code 0 and options that end where the
 * message does; options of unknown types are skipped.
 *
 * <p>Deliberately not done: a neighbour cache, as a guest's MAC address is its port's; redirects; advertisements of guests,
 * which the router drops; messages behind extension headers, which no stack sends (RFC 6980 forbids fragments); secure
 * neighbour discovery (RFC 3971).
 */
@NullMarked
package io.vireo.protocols.ndp;

import org.jspecify.annotations.NullMarked;
