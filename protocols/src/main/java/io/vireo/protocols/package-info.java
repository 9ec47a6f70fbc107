/**
 * Protocols: packets in, packets out. One package a protocol, holding the view of its wire format and, where Vireo
 * answers for itself, the responder beside it.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>No I/O, no threads, no clocks. Every type belongs to the thread that calls it.
 *   <li>Hot path: MAC addresses are {@code long} (48 bits, first octet most significant), IPv4 addresses {@code int}
 *       (first octet most significant). Views are reusable flyweights over {@code (MemorySegment, offset, length)}; they
 *       allocate nothing. {@code tryWrap} answers false unless no later accessor can fail; after false the view still
 *       stands where it stood before.
 *   <li>A view may read a field more than once: it is meant for private memory. Memory a guest can write is copied
 *       first.
 *   <li>Cold path (DHCP): parsed, immutable values; what is wrong with a message is named by a checked exception.
 * </ul>
 *
 * <p>Deliberately not done here: which frame reaches which responder, source address checks, rate limits and counting.
 * They are the router's.
 */
@NullMarked
package io.vireo.protocols;

import org.jspecify.annotations.NullMarked;
