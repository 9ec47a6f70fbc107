/**
 * DHCP for IPv4 (RFC 2131, RFC 2132): the message's codec, and the responder that gives a guest the one address that is
 * its own, or is leased to it.
 *
 * <pre>
 *  frame --DhcpFrame.open--> DhcpMessage --DhcpResponder--> DhcpMessage --DhcpFrame.seal--> frame
 *          (DhcpParser)                         ^                         (DhcpEncoder)
 *                                          DhcpBinding (what the guest is to have; the address service knows it)
 * </pre>
 *
 * <p>Runs on the address service's thread, so clarity goes before speed: messages are immutable values. Nothing a guest
 * sends makes the responder throw; what is wrong with it becomes the reason of an {@code Ignored}.
 *
 * <p>Deliberately not done: which address a guest gets and for how long (the caller's leases), relay agents (every guest
 * is on our link: relayed requests are refused), authentication (RFC 3118), BOOTP without DHCP, and the names of clients
 * in DNS (option 81).
 */
@NullMarked
package io.vireo.protocols.dhcp;

import org.jspecify.annotations.NullMarked;
