/**
 * Who has which address and prefix, and until when: {@link io.vireo.router.leases.LeaseBook}, and the journal that lets it
 * survive the process.
 *
 * <pre>
 *   LeaseBook --offer, grant, release, decline--> Holding (a client's, of one kind)     Space (a network's, of one kind)
 *       |                                                                                 Pool, what is taken, what is free
 *       | commit: one write and one fsync for all since the last
 *       v
 *   Journal --records--> leases.journal              leases.journal.lock: one process at a time
 *       ^                     |
 *       '-- compacted --------'--> LeaseHistory (what the records come to) --> LeaseBook.open, ./vireo leases
 * </pre>
 *
 * <p>Invariants: no two clients of a network hold one resource, whether leased, offered or resting. What has been told to a
 * client after {@code commit} returned true is in the journal, and a journal cut off at any byte holds everything that was
 * committed before. The later record wins: one that gives a resource to a client ends what an earlier one said of it, so
 * that the end of a lease need not be written before its resource is given to somebody else.
 *
 * <p>Memory is bounded by the number of clients, not by the size of pools or by what clients send. Confined to one thread.
 *
 * <p>Not done: nothing is remembered of an expired lease for longer than 30 days; clients are not told apart but by network
 * and MAC address, so that nobody can have more than one lease of a kind by naming itself differently.
 */
@NullMarked
package io.vireo.router.leases;

import org.jspecify.annotations.NullMarked;
