package io.vireo.protocols.icmpv6;

import io.vireo.protocols.checksum.InternetChecksum;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;

/**
 * Turns an echo request into its reply (RFC 4443 section 4.2), in place. Only headers are read and written: checksums are
 * updated incrementally, so the data need not be at hand, and a request that was corrupted becomes a reply the asker
 * recognises as corrupted. Stateless; allocates nothing.
 */
public final class Icmpv6EchoResponder {
    /** The recommended default (IANA "IP Parameters"). */
    private static final int HOP_LIMIT = 64;

    private static final long LINK_LOCAL_HIGH = Gateway.GATEWAY_IPV6_LINK_LOCAL.high();
    private static final long LINK_LOCAL_LOW = Gateway.GATEWAY_IPV6_LINK_LOCAL.low();

    private Icmpv6EchoResponder() {}

    /**
     * Answers a request whose destination is the gateway or a group it belongs to; that it is, and that the sender may
     * send, the caller has checked. The answer to a group's request comes from the gateway's link-local address.
     *
     * @param message at the packet's payload
     * @return whether the frame is now the reply, as long as the request; if not (no echo request, extension headers, a
     *     sender that no answer would reach), nothing was written
     */
    public static boolean respond(EthernetFrame frame, Ipv6Packet packet, Icmpv6Message message, long gatewayMac) {
        if (packet.nextHeader() != Protocol.ICMPV6 || !message.isEchoRequest()) {
            return false;
        }
        if (packet.isSourceUnspecified() || Ipv6Address.isMulticast(packet.sourceHigh())) {
            return false;
        }
        message.type(Icmpv6Message.ECHO_REPLY);
        packet.swapAddresses();
        if (Ipv6Address.isMulticast(packet.sourceHigh())) {
            int oldSum = sum(packet.sourceHigh(), packet.sourceLow());
            packet.source(LINK_LOCAL_HIGH, LINK_LOCAL_LOW);
            message.updateChecksum(oldSum, sum(LINK_LOCAL_HIGH, LINK_LOCAL_LOW));
        }
        packet.hopLimit(HOP_LIMIT);
        frame.destination(frame.source());
        frame.source(gatewayMac);
        return true;
    }

    private static int sum(long high, long low) {
        long sum = (high >>> 32) + (high & 0xFFFF_FFFFL) + (low >>> 32) + (low & 0xFFFF_FFFFL);
        return InternetChecksum.fold(sum);
    }
}
