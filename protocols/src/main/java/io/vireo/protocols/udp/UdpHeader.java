package io.vireo.protocols.udp;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.checksum.InternetChecksum;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;

/**
 * A view of a UDP header (RFC 768). Not thread-safe; allocates nothing; does not own the memory.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          Source Port          |       Destination Port        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |             Length            |           Checksum            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class UdpHeader {
    public static final int LENGTH = 8;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int DATAGRAM_LENGTH = 4;
    /** Where the checksum is, from the header's beginning. */
    public static final int CHECKSUM = 6;

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;

    /**
     * Writes the header of a datagram whose payload already stands behind it, checksum included.
     *
     * @param length bytes of header and payload
     * @throws IndexOutOfBoundsException if they do not lie inside the segment
     */
    public static void writeHeader(
            MemorySegment segment,
            long offset,
            int length,
            int source,
            int sourcePort,
            int destination,
            int destinationPort) {
        long pseudoHeader = InternetChecksum.pseudoHeader(source, destination, Protocol.UDP, length);
        writeHeader(segment, offset, length, pseudoHeader, sourcePort, destinationPort);
    }

    /**
     * As the other one, over any version of IP.
     *
     * @param pseudoHeader its partial sum
     */
    public static void writeHeader(
            MemorySegment segment, long offset, int length, long pseudoHeader, int sourcePort, int destinationPort) {
        NetworkOrder.u16(segment, offset + SOURCE_PORT, sourcePort);
        NetworkOrder.u16(segment, offset + DESTINATION_PORT, destinationPort);
        NetworkOrder.u16(segment, offset + DATAGRAM_LENGTH, length);
        NetworkOrder.u16(segment, offset + CHECKSUM, 0);
        int checksum = InternetChecksum.finish(pseudoHeader + InternetChecksum.sum(segment, offset, length));
        // Zero on the wire means "none", so a sum of zero is sent as its other representation (RFC 768).
        NetworkOrder.u16(segment, offset + CHECKSUM, checksum == 0 ? 0xFFFF : checksum);
    }

    /** Gives the datagram at {@code offset} another length; its checksum is left to the caller. */
    public static void rewrite(MemorySegment segment, long offset, int length) {
        NetworkOrder.u16(segment, offset + DATAGRAM_LENGTH, length);
    }

    /**
     * Whether a datagram of {@code length} bytes, all inside the segment, has the checksum it claims, or claims none.
     */
    public static boolean hasValidChecksum(
            MemorySegment segment, long offset, int length, int source, int destination) {
        return NetworkOrder.u16(segment, offset + CHECKSUM) == 0
                || sumsUp(
                        segment,
                        offset,
                        length,
                        InternetChecksum.pseudoHeader(source, destination, Protocol.UDP, length));
    }

    /** As the other one, over IPv6, where every datagram has a checksum (RFC 8200 section 8.1). */
    public static boolean hasValidChecksum(MemorySegment segment, long offset, int length, Ipv6Packet packet) {
        return NetworkOrder.u16(segment, offset + CHECKSUM) != 0
                && sumsUp(segment, offset, length, packet.pseudoHeader(Protocol.UDP, length));
    }

    private static boolean sumsUp(MemorySegment segment, long offset, int length, long pseudoHeader) {
        return InternetChecksum.fold(pseudoHeader + InternetChecksum.sum(segment, offset, length)) == 0xFFFF;
    }

    /**
     * Moves the view to a header of which {@code visible} bytes, payload included, are readable.
     *
     * @return false if they do not hold a header, do not lie inside the segment, or the length field is below 8. That
     *     field may still exceed what the IP packet carries: the caller compares it with the packet's payload.
     */
    public boolean tryWrap(MemorySegment segment, long offset, int visible) {
        if (visible < LENGTH || !NetworkOrder.contains(segment, offset, visible)) {
            return false;
        }
        if (NetworkOrder.u16(segment, offset + DATAGRAM_LENGTH) < LENGTH) {
            return false;
        }
        this.segment = segment;
        this.offset = offset;
        return true;
    }

    public int sourcePort() {
        return NetworkOrder.u16(segment, offset + SOURCE_PORT);
    }

    public int destinationPort() {
        return NetworkOrder.u16(segment, offset + DESTINATION_PORT);
    }

    /** Bytes of header and payload. */
    public int length() {
        return NetworkOrder.u16(segment, offset + DATAGRAM_LENGTH);
    }

    /** Zero: the sender made none. */
    public int checksum() {
        return NetworkOrder.u16(segment, offset + CHECKSUM);
    }
}
