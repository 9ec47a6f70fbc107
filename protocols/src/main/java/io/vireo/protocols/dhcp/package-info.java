/**
 * DHCP for IPv4 (RFC 2131, RFC 2132): the message's codec, and the responder that gives a guest the one address its
 * configuration binds it to.
 *
 * <pre>
 *  frame --DhcpFrame.open--> DhcpMessage --DhcpResponder--> DhcpMessage --DhcpFrame.seal--> frame
 *                                               ^
 *                                          DhcpBinding (what the guest is to have; the address service knows it)
 * </pre>
 *
 * <p>Runs on the address service's thread, so clarity goes before speed: messages are immutable values. Nothing a guest
 * sends makes the responder throw; what is wrong with it becomes the reason of an {@code Ignored}.
 *
 * <p>Deliberately not done: pools and expiry (a binding is static), relay agents (every guest is on our link),
 * authentication, and the parameter request list: every client gets the same options, those that matter.
 */
@NullMarked
package io.vireo.protocols.dhcp;

import org.jspecify.annotations.NullMarked;
