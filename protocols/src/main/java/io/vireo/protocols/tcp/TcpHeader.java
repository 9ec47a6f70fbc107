package io.vireo.protocols.tcp;

import io.vireo.protocols.NetworkOrder;
import java.lang.foreign.MemorySegment;

/**
 * A view of a TCP header (RFC 9293 section 3.1). Not thread-safe; allocates nothing; does not own the memory.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          Source Port          |       Destination Port        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        Sequence Number                        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                    Acknowledgment Number                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Offset|  Rsvd |     Flags     |            Window             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Checksum            |         Urgent Pointer        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                  Options (Offset - 5 words)                   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class TcpHeader {
    /** Bytes of a header without options. */
    public static final int LENGTH = 20;

    public static final int FIN = 0x01;
    public static final int PSH = 0x08;
    /** Congestion window reduced (RFC 3168 section 6.1.2): said once, by the first segment after it was. */
    public static final int CWR = 0x80;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE = 4;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;
    /** Where the checksum is, from the header's beginning. */
    public static final int CHECKSUM = 16;

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;
    private int headerLength;

    /** Makes the header at {@code offset} that of another segment; its checksum is left to the caller. */
    public static void rewrite(MemorySegment segment, long offset, int sequence, int flags) {
        NetworkOrder.u32(segment, offset + SEQUENCE, sequence);
        NetworkOrder.u8(segment, offset + FLAGS, flags);
    }

    /**
     * Moves the view to a header of which {@code visible} bytes, payload included, are readable.
     *
     * @return false if they do not hold the header with its options, do not lie inside the segment, or the data offset is
     *     below 5
     */
    public boolean tryWrap(MemorySegment segment, long offset, int visible) {
        if (visible < LENGTH || !NetworkOrder.contains(segment, offset, visible)) {
            return false;
        }
        int headerBytes = (NetworkOrder.u8(segment, offset + DATA_OFFSET) >>> 4) * 4;
        if (headerBytes < LENGTH || headerBytes > visible) {
            return false;
        }
        this.segment = segment;
        this.offset = offset;
        headerLength = headerBytes;
        return true;
    }

    /** Bytes, options included. */
    public int headerLength() {
        return headerLength;
    }

    public int sourcePort() {
        return NetworkOrder.u16(segment, offset + SOURCE_PORT);
    }

    public int destinationPort() {
        return NetworkOrder.u16(segment, offset + DESTINATION_PORT);
    }

    /** Modulo 2^32. */
    public int sequence() {
        return NetworkOrder.u32(segment, offset + SEQUENCE);
    }

    /** CWR to FIN. */
    public int flags() {
        return NetworkOrder.u8(segment, offset + FLAGS);
    }

    public int checksum() {
        return NetworkOrder.u16(segment, offset + CHECKSUM);
    }
}
