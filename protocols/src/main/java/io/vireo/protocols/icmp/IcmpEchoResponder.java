package io.vireo.protocols.icmp;

import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ipv4.Ipv4Packet;

/**
 * Turns an echo request into its reply (RFC 792; RFC 1122 section 3.2.2.6), in place. Only headers are read and written:
 * checksums are updated incrementally, so the data need not be at hand, and a request that was corrupted becomes a reply
 * the asker recognises as corrupted. Stateless; allocates nothing.
 */
public final class IcmpEchoResponder {
    /** The recommended default (IANA "IP Parameters"). */
    private static final int TIME_TO_LIVE = 64;

    private IcmpEchoResponder() {}

    /**
     * Answers a request whose destination is the gateway; that it is, and that the sender may send, the caller has
     * checked.
     *
     * @return whether the frame is now the reply, as long as the request; if not (no echo request, a fragment, IP options),
     *     nothing was written
     */
    public static boolean respond(EthernetFrame frame, Ipv4Packet packet, IcmpMessage message, long gatewayMac) {
        if (!message.isEchoRequest() || packet.isFragment() || packet.headerLength() != Ipv4Packet.HEADER_LENGTH) {
            return false;
        }
        message.type(IcmpMessage.ECHO_REPLY);
        packet.swapAddresses();
        packet.timeToLive(TIME_TO_LIVE);
        frame.destination(frame.source());
        frame.source(gatewayMac);
        return true;
    }
}
