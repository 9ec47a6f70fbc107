/**
 * What a guest says on the wire and what it hears, so that a test can play one.
 *
 * <p>Every frame begins with the virtio-net header of 12 bytes (virtio 1.2, 5.1.6), the form in which it lies in a ring:
 *
 * <pre>
 *  0            12               26            46 or 66
 *  +------------+----------------+-------------+--------------------
 *  | virtio-net | Ethernet II    | IPv4 (20)   | UDP, ICMP, ICMPv6
 *  | zeros      | dst, src, type | or IPv6(40) |
 *  |            |                | or ARP (28) |
 *  +------------+----------------+-------------+--------------------
 * </pre>
 *
 * <p>None of this shares code with the router's own codec, on purpose: a mistake made in both would cancel out. The
 * parsers are those of a strict guest: a reply with a wrong checksum, and also a UDP reply without one, is no reply.
 * Frames may come from anywhere, so each length is checked before it is used.
 *
 * <p>Not read: fragments, IPv6 packets with extension headers, VLAN tags, DHCP option overload (RFC 2132, 9.3), large frames that rely on offloads.
 */
@NullMarked
package io.vireo.harness.packets;

import org.jspecify.annotations.NullMarked;
