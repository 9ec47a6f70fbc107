package io.vireo.protocols.ndp;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.icmpv6.Icmpv6Checksum;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;

/** What holds for every message of neighbour discovery. Stateless; allocates nothing. */
final class NdpMessage {
    /** It tells that the message was sent on this link, as a router would have decremented it. */
    static final int HOP_LIMIT = 255;

    private static final int TYPE = 0;
    private static final int CODE = 1;

    private NdpMessage() {}

    /**
     * The checks that RFC 4861 sections 6.1.1 and 7.1.1 have in common. A message of which not all is visible fails them.
     *
     * @param fixed bytes of this type's message before its options
     */
    static boolean isValid(MemorySegment segment, Ipv6Packet packet, int type, int fixed) {
        int length = packet.payloadLength();
        if (packet.nextHeader() != Protocol.ICMPV6 || packet.hopLimit() != HOP_LIMIT) {
            return false;
        }
        if (length < fixed || packet.visiblePayload() != length) {
            return false;
        }
        long message = packet.payloadOffset();
        return NetworkOrder.u8(segment, message + TYPE) == type
                && NetworkOrder.u8(segment, message + CODE) == 0
                && Icmpv6Checksum.isValid(segment, message - Ipv6Packet.HEADER_LENGTH, length)
                && NdpOptions.areSound(segment, message + fixed, length - fixed);
    }

    /** Whether a message that {@link #isValid} names its sender's link-layer address. */
    static boolean hasSourceLinkLayerAddress(MemorySegment segment, Ipv6Packet packet, int fixed) {
        long options = packet.payloadOffset() + fixed;
        return NdpOptions.contain(
                segment, options, packet.payloadLength() - fixed, NdpOptions.SOURCE_LINK_LAYER_ADDRESS);
    }
}
