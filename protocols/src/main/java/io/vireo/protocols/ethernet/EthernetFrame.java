package io.vireo.protocols.ethernet;

import io.vireo.protocols.NetworkOrder;
import java.lang.foreign.MemorySegment;

/**
 * A view of an Ethernet II header (RFC 894). Not thread-safe; allocates nothing; does not own the memory.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                          Destination                          |
 * +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                               |                               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
 * |                            Source                             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           EtherType           |   Payload ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class EthernetFrame {
    public static final int HEADER_LENGTH = 14;
    public static final long BROADCAST = 0xFFFF_FFFF_FFFFL;

    private static final int DESTINATION = 0;
    private static final int SOURCE = 6;
    private static final int ETHER_TYPE = 12;

    /** The I/G bit: the lowest bit of the first octet (IEEE 802.3 3.2.3). */
    private static final long GROUP_BIT = 1L << 40;

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;

    /**
     * Writes a header.
     *
     * @throws IndexOutOfBoundsException if {@link #HEADER_LENGTH} bytes at {@code offset} do not lie inside the segment
     */
    public static void writeHeader(MemorySegment segment, long offset, long destination, long source, int etherType) {
        NetworkOrder.u48(segment, offset + DESTINATION, destination);
        NetworkOrder.u48(segment, offset + SOURCE, source);
        NetworkOrder.u16(segment, offset + ETHER_TYPE, etherType);
    }

    /** True for a group address: multicast, and broadcast among them. */
    public static boolean isMulticast(long mac) {
        return (mac & GROUP_BIT) != 0;
    }

    /**
     * Moves the view to a frame of which {@code length} bytes are readable.
     *
     * @return false if they do not hold a header, or do not lie inside the segment
     */
    public boolean tryWrap(MemorySegment segment, long offset, int length) {
        if (length < HEADER_LENGTH || !NetworkOrder.contains(segment, offset, length)) {
            return false;
        }
        this.segment = segment;
        this.offset = offset;
        return true;
    }

    public long destination() {
        return NetworkOrder.u48(segment, offset + DESTINATION);
    }

    public void destination(long mac) {
        NetworkOrder.u48(segment, offset + DESTINATION, mac);
    }

    public long source() {
        return NetworkOrder.u48(segment, offset + SOURCE);
    }

    public void source(long mac) {
        NetworkOrder.u48(segment, offset + SOURCE, mac);
    }

    public int etherType() {
        return NetworkOrder.u16(segment, offset + ETHER_TYPE);
    }

    public void etherType(int etherType) {
        NetworkOrder.u16(segment, offset + ETHER_TYPE, etherType);
    }
}
