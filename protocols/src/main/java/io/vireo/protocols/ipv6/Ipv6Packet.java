package io.vireo.protocols.ipv6;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * A view of an IPv6 header (RFC 8200 section 3). Not thread-safe; allocates nothing; does not own the memory.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |Version| Traffic Class |           Flow Label                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |         Payload Length        |  Next Header  |   Hop Limit   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                    Source Address (16 bytes)                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                 Destination Address (16 bytes)                |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class Ipv6Packet {
    public static final int HEADER_LENGTH = 40;

    private static final int VERSION_AND_CLASS = 0;
    private static final int PAYLOAD_LENGTH = 4;
    private static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;
    private static final int ADDRESSES_LENGTH = 32;

    private static final int VERSION = 6;

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;
    private int payloadLength;
    private int visible;

    /** Gives the packet at {@code offset} another length; nothing in this header sums it up. */
    public static void rewrite(MemorySegment segment, long offset, int payloadLength) {
        NetworkOrder.u16(segment, offset + PAYLOAD_LENGTH, payloadLength);
    }

    /**
     * Moves the view to a packet.
     *
     * @param visible how many of its bytes are readable at {@code offset}
     * @param packetLength how many bytes the frame really carries after its Ethernet header, padding included
     * @return false unless it is version 6, the fixed header lies within {@code visible}, and the frame covers the payload
     */
    public boolean tryWrap(MemorySegment segment, long offset, int visible, int packetLength) {
        if (visible < HEADER_LENGTH || !NetworkOrder.contains(segment, offset, visible)) {
            return false;
        }
        int payloadBytes = NetworkOrder.u16(segment, offset + PAYLOAD_LENGTH);
        if (NetworkOrder.u8(segment, offset + VERSION_AND_CLASS) >>> 4 != VERSION
                || HEADER_LENGTH + payloadBytes > packetLength) {
            return false;
        }
        this.segment = segment;
        this.offset = offset;
        this.visible = visible;
        payloadLength = payloadBytes;
        return true;
    }

    /** Bytes after the fixed header. */
    public int payloadLength() {
        return payloadLength;
    }

    /** Bytes, fixed header included. */
    public int totalLength() {
        return HEADER_LENGTH + payloadLength;
    }

    /** The type of what follows the fixed header: a transport's protocol number, or that of an extension header. */
    public int nextHeader() {
        return NetworkOrder.u8(segment, offset + NEXT_HEADER);
    }

    public int hopLimit() {
        return NetworkOrder.u8(segment, offset + HOP_LIMIT);
    }

    /**
     * The partial sum of the pseudo-header of UDP and TCP (RFC 8200 section 8.1).
     *
     * @param length bytes of transport header and payload
     */
    public long pseudoHeader(int protocol, int length) {
        return InternetChecksum.sum(segment, offset + SOURCE, ADDRESSES_LENGTH) + protocol + length;
    }

    /** The payload's absolute offset in the segment. */
    public long payloadOffset() {
        return offset + HEADER_LENGTH;
    }

    /** Readable bytes of payload; frame padding is not among them. */
    public int visiblePayload() {
        return Math.min(visible, totalLength()) - HEADER_LENGTH;
    }
}
