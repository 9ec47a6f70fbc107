/**
 * The host's side of the uplink: one thread, {@link io.vireo.router.host.UplinkKeeper}, that keeps the TUN device, its
 * addresses, and the kernel's routes to the guests as they should be, whatever else happens on the host.
 *
 * <pre>
 *   leases, guests ---- changed() --\                        /--&gt; makes the device, hands its queues out
 *   reactors ---------- lost() ------ UplinkKeeper -- HostSide --&gt; rtnetlink: link, addresses
 *   kernel -- announces -------------/                       \--&gt; HostRoutes --&gt; rtnetlink: routes
 * </pre>
 *
 * <p>What belongs to Vireo among the kernel's routes is told by protocol number 86 and by the device, or, where a route leads
 * nowhere, by a metric made of the device's name: nothing else is ever touched, and two Vireos do not touch each other's.
 * The routes that lead nowhere cover whole networks: what is for an address without a guest is refused by the host instead
 * of leaving by its default route, also while the device is away.
 *
 * <p>Not done: forwarding and NAT are the administrator's, and are only looked at by {@code ./vireo check}.
 */
@NullMarked
package io.vireo.router.host;

import org.jspecify.annotations.NullMarked;
