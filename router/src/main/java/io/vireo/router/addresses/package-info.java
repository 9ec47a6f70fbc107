/**
 * What guests are told of their addresses: DHCP, DHCPv6 and router advertisements, and the leases behind them.
 *
 * <pre>
 *   frame of a guest --> AddressServer --> DhcpServer, Dhcpv6Server --> LeaseBook
 *                             |   ^                |
 *                             |   +--- Turn <------+  answers, which leave when the leases are durable
 *                             v
 *                         GuestLink --> the guest's port: frames, and the addresses that are in force
 * </pre>
 *
 * Everything here is confined to the address service's thread. Time runs in turns: whatever waits is received, what was
 * granted is made durable with one fsync, then addresses come into force and answers leave.
 */
@NullMarked
package io.vireo.router.addresses;

import org.jspecify.annotations.NullMarked;
