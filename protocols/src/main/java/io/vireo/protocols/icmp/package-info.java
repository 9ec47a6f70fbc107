/**
 * ICMP for IPv4 (RFC 792): the message's view, the gateway's echo responder and its error messages.
 *
 * <p>Deliberately not done: echo requests in fragments or with IP options; the responder sees no more than a frame's
 * header, so it cannot reassemble, and source routes are not honoured (RFC 7126 section 4.3).
 */
@NullMarked
package io.vireo.protocols.icmp;

import org.jspecify.annotations.NullMarked;
