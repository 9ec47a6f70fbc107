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
    private static final int DESTINATION = 24;
    private static final int ADDRESSES_LENGTH = 32;

    private static final int VERSION = 6;

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;
    private int payloadLength;
    private int visible;

    /**
     * Writes a header with traffic class and flow label zero.
     *
     * @throws IndexOutOfBoundsException if {@link #HEADER_LENGTH} bytes at {@code offset} do not lie inside the segment
     */
    public static void writeHeader(
            MemorySegment segment,
            long offset,
            int payloadLength,
            int nextHeader,
            int hopLimit,
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow) {
        NetworkOrder.u32(segment, offset + VERSION_AND_CLASS, VERSION << 28);
        NetworkOrder.u16(segment, offset + PAYLOAD_LENGTH, payloadLength);
        NetworkOrder.u8(segment, offset + NEXT_HEADER, nextHeader);
        NetworkOrder.u8(segment, offset + HOP_LIMIT, hopLimit);
        NetworkOrder.u64(segment, offset + SOURCE, sourceHigh);
        NetworkOrder.u64(segment, offset + SOURCE + Long.BYTES, sourceLow);
        NetworkOrder.u64(segment, offset + DESTINATION, destinationHigh);
        NetworkOrder.u64(segment, offset + DESTINATION + Long.BYTES, destinationLow);
    }

    /** The same for addresses as values, off the data path. */
    public static void writeHeader(
            MemorySegment segment,
            long offset,
            int payloadLength,
            int nextHeader,
            int hopLimit,
            Ipv6Address source,
            Ipv6Address destination) {
        writeHeader(
                segment,
                offset,
                payloadLength,
                nextHeader,
                hopLimit,
                source.high(),
                source.low(),
                destination.high(),
                destination.low());
    }

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

    /** No checksum covers it. */
    public void hopLimit(int hopLimit) {
        NetworkOrder.u8(segment, offset + HOP_LIMIT, hopLimit);
    }

    /** The forwarding step of RFC 8200 section 3; the caller has seen that the hop limit is above 1. */
    public void decrementHopLimit() {
        hopLimit(hopLimit() - 1);
    }

    /** The source's first eight octets, the first most significant. */
    public long sourceHigh() {
        return NetworkOrder.u64(segment, offset + SOURCE);
    }

    /** The source's last eight octets. */
    public long sourceLow() {
        return NetworkOrder.u64(segment, offset + SOURCE + Long.BYTES);
    }

    /** Leaves the checksum of the transport's pseudo-header to the caller. */
    public void source(long high, long low) {
        NetworkOrder.u64(segment, offset + SOURCE, high);
        NetworkOrder.u64(segment, offset + SOURCE + Long.BYTES, low);
    }

    /** The destination's first eight octets, the first most significant. */
    public long destinationHigh() {
        return NetworkOrder.u64(segment, offset + DESTINATION);
    }

    /** The destination's last eight octets. */
    public long destinationLow() {
        return NetworkOrder.u64(segment, offset + DESTINATION + Long.BYTES);
    }

    /** Leaves the checksum of the transport's pseudo-header to the caller. */
    public void destination(long high, long low) {
        NetworkOrder.u64(segment, offset + DESTINATION, high);
        NetworkOrder.u64(segment, offset + DESTINATION + Long.BYTES, low);
    }

    /** The unspecified address, {@code ::} (RFC 4291 section 2.5.2). */
    public boolean isSourceUnspecified() {
        return (sourceHigh() | sourceLow()) == 0;
    }

    /** Swaps source and destination; no checksum changes, as a sum does not know order. */
    public void swapAddresses() {
        long formerSourceHigh = sourceHigh();
        long formerSourceLow = sourceLow();
        source(destinationHigh(), destinationLow());
        destination(formerSourceHigh, formerSourceLow);
    }

    /**
     * The partial sum of the pseudo-header of UDP, TCP and ICMPv6 (RFC 8200 section 8.1).
     *
     * @param length bytes of transport header and payload
     */
    public long pseudoHeader(int protocol, int length) {
        return pseudoHeader(segment, offset, protocol, length);
    }

    /** The same for a packet whose addresses are at {@code offset} and that no view stands on. */
    public static long pseudoHeader(MemorySegment segment, long offset, int protocol, int length) {
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
