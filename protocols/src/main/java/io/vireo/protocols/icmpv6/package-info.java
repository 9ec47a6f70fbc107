/**
 * ICMPv6 (RFC 4443): the message's view, the gateway's echo responder and its error messages. Neighbour discovery, whose
 * messages are ICMPv6 too, is in {@code ndp}.
 *
 * <p>Deliberately not done: echo requests in fragments or behind extension headers; parameter problems, as the gateway
 * reads no options (RFC 4443 section 3.4 asks for them of whoever processes a header).
 */
@NullMarked
package io.vireo.protocols.icmpv6;

import org.jspecify.annotations.NullMarked;
