/**
 * DHCP for IPv6 (RFC 8415): the message's codec, and the responder that gives a guest the address and the prefix that are
 * held for it.
 *
 * <pre>
 *  frame --Dhcpv6Frame.open--> Dhcpv6Message --Dhcpv6Responder--> Dhcpv6Message --Dhcpv6Frame.seal--> frame
 *                                                     ^   |
 *               Dhcpv6Binding (what the guest has or may have)   what is granted, released, declined
 * </pre>
 *
 * <p>Runs on the address service's thread, so clarity goes before speed: messages are immutable values. Nothing a guest
 * sends makes the responder throw; what is wrong with it becomes the reason of an {@code Ignored}. It keeps no state: the
 * caller looks up the binding before, and makes what was granted durable before the reply leaves.
 *
 * <p>A guest is a port, and has one address and one prefix. So identifiers of clients (DUID, IAID) are echoed, but tell no
 * guests apart: where a message holds several identity associations of a type, the one that already names the guest's
 * resource gets it, otherwise the first; the others hear that there is none.
 *
 * <p>Deliberately not done: relay agents (every guest is on our link), temporary addresses, which RFC 8415 section 6.5
 * leaves to SLAAC (IA_TA is answered with NoAddrsAvail), unicast (section 18.4), authentication and RECONFIGURE, other
 * lengths of a prefix than the network's (a client's wish is a hint, section 18.2.4).
 */
@NullMarked
package io.vireo.protocols.dhcpv6;

import org.jspecify.annotations.NullMarked;
