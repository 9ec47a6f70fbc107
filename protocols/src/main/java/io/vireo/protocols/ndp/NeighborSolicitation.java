package io.vireo.protocols.ndp;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.icmpv6.Icmpv6Message;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;

/**
 * A view of a neighbour solicitation (RFC 4861 section 4.3). Not thread-safe; allocates nothing; does not own the memory.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Type (135)   |     Code      |          Checksum             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           Reserved                            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                  Target Address (16 bytes)                    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Options ...
 * +-+-+-+-+-+-+-+-
 * </pre>
 */
public final class NeighborSolicitation {
    /** Bytes before the options. */
    static final int LENGTH = 24;

    private static final int TARGET = 8;

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;

    /**
     * Moves the view to a packet's payload.
     *
     * @param segment the one the packet's view stands in
     * @return false unless all of the message is visible and RFC 4861 section 7.1.1 finds it valid
     */
    public boolean tryWrap(MemorySegment segment, Ipv6Packet packet) {
        if (!NdpMessage.isValid(segment, packet, Icmpv6Message.NEIGHBOR_SOLICITATION, LENGTH)) {
            return false;
        }
        long message = packet.payloadOffset();
        if (Ipv6Address.isMulticast(NetworkOrder.u64(segment, message + TARGET))) {
            return false;
        }
        if (packet.isSourceUnspecified() && !isSoundProbe(segment, packet)) {
            return false;
        }
        this.segment = segment;
        offset = message;
        return true;
    }

    private static boolean isSoundProbe(MemorySegment segment, Ipv6Packet packet) {
        return Ipv6Address.isSolicitedNode(packet.destinationHigh(), packet.destinationLow())
                && !NdpMessage.hasSourceLinkLayerAddress(segment, packet, LENGTH);
    }

    /** The target's first eight octets, the first most significant. */
    public long targetHigh() {
        return NetworkOrder.u64(segment, offset + TARGET);
    }

    /** The target's last eight octets. */
    public long targetLow() {
        return NetworkOrder.u64(segment, offset + TARGET + Long.BYTES);
    }
}
