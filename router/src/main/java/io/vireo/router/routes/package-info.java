/**
 * Longest prefix matches: which value the longest prefix has that an address is in, for both families.
 *
 * <pre>
 *   root     indexed by the address's first bits, none for a few prefixes, at most 18
 *     |      an entry is a value, or a node
 *   node     stands for six more bits: a bit for each of 64 places says whether a node or a value is there
 *     | \
 *   node value     neighbouring places with the same value share one; which begin another, a second bit for each says
 * </pre>
 *
 * <p>So where a place's node or value lies is told by counting bits (Asai and Ohara, "Poptrie", SIGCOMM 2015), nothing is
 * stored that is not there, and no lookup goes back.
 *
 * <p>Invariants: tables are immutable, and any thread may read one while its successor is being made. What one takes, its
 * {@code memory} says; as the Internet has them, IPv4 prefixes take 14 bytes each in a table of a million, IPv6 prefixes 55 in
 * one of 200,000, and a prefix far from all others at most 30 for each 6 of its bits.
 *
 * <p>Deliberately not done: changes in place. Routes are configured, and change seldom.
 */
@NullMarked
package io.vireo.router.routes;

import org.jspecify.annotations.NullMarked;
