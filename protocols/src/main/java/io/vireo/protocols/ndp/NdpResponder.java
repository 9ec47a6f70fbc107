package io.vireo.protocols.ndp;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.icmpv6.Icmpv6Checksum;
import io.vireo.protocols.icmpv6.Icmpv6Message;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;

/**
 * Answers neighbour solicitations for the gateway's addresses, in place (RFC 4861 section 7.2.4). Belongs to the thread that
 * calls it; allocates nothing.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Type (136)   |     Code      |          Checksum             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |R|S|O|                     Reserved                            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                  Target Address (16 bytes)                    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Option 2    |   Length 1    | Link-Layer Address (6 bytes)  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class NdpResponder {
    /** Bytes of every reply, whatever options and padding the request had; it may be shorter. */
    public static final int REPLY_FRAME_LENGTH = 86;

    private static final int FLAGS = 4;
    private static final int TARGET = 8;
    private static final int OPTION = 24;

    /** Bytes of the advertisement. */
    private static final int LENGTH = OPTION + NdpOptions.UNIT;

    /** Without it Linux, which looks at every advertisement, takes its default route away (RFC 4861 section 7.2.5). */
    private static final int ROUTER = 1 << 31;

    private static final int SOLICITED = 1 << 30;
    private static final int OVERRIDE = 1 << 29;

    /** Where frames to {@link Ipv6Address#ALL_NODES} go (RFC 2464 section 7). */
    private static final long ALL_NODES_MAC = 0x3333_0000_0001L;

    /** Which addresses are the gateway's own on the guest's link. */
    public interface Addresses {
        boolean answersFor(long high, long low);
    }

    private final long gatewayMac;
    private final Addresses addresses;

    public NdpResponder(long gatewayMac, Addresses addresses) {
        this.gatewayMac = gatewayMac;
        this.addresses = addresses;
    }

    /**
     * Turns a solicitation that deserves an answer into the advertisement: to its sender, or if that looks for duplicates
     * of an address it wants (RFC 4862 section 5.4.3), unsolicited to all nodes.
     *
     * @param segment the one that the views stand in
     * @param offset where the frame begins; {@link #REPLY_FRAME_LENGTH} bytes from there are the caller's to write
     * @return whether the frame is now a reply of that length; if not, nothing was written
     */
    public boolean respond(
            MemorySegment segment,
            long offset,
            EthernetFrame frame,
            Ipv6Packet packet,
            NeighborSolicitation solicitation) {
        long targetHigh = solicitation.targetHigh();
        long targetLow = solicitation.targetLow();
        if (!addresses.answersFor(targetHigh, targetLow)) {
            return false;
        }
        boolean probe = packet.isSourceUnspecified();
        long receiverHigh = probe ? Ipv6Address.ALL_NODES.high() : packet.sourceHigh();
        long receiverLow = probe ? Ipv6Address.ALL_NODES.low() : packet.sourceLow();
        long receiverMac = probe ? ALL_NODES_MAC : frame.source();
        long ip = offset + EthernetFrame.HEADER_LENGTH;
        EthernetFrame.writeHeader(segment, offset, receiverMac, gatewayMac, EtherType.IPV6);
        Ipv6Packet.writeHeader(
                segment,
                ip,
                LENGTH,
                Protocol.ICMPV6,
                NdpMessage.HOP_LIMIT,
                targetHigh,
                targetLow,
                receiverHigh,
                receiverLow);
        long message = ip + Ipv6Packet.HEADER_LENGTH;
        NetworkOrder.u16(segment, message, Icmpv6Message.NEIGHBOR_ADVERTISEMENT << 8);
        NetworkOrder.u32(segment, message + FLAGS, ROUTER | OVERRIDE | (probe ? 0 : SOLICITED));
        NetworkOrder.u64(segment, message + TARGET, targetHigh);
        NetworkOrder.u64(segment, message + TARGET + Long.BYTES, targetLow);
        NetworkOrder.u16(segment, message + OPTION, NdpOptions.TARGET_LINK_LAYER_ADDRESS << 8 | 1);
        NetworkOrder.u48(segment, message + OPTION + 2, gatewayMac);
        Icmpv6Checksum.write(segment, ip, LENGTH);
        return true;
    }
}
