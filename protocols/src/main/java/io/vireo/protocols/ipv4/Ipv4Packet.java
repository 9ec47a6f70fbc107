package io.vireo.protocols.ipv4;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * A view of an IPv4 header (RFC 791 section 3.1). Not thread-safe; allocates nothing; does not own the memory.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |Version|  IHL  |Type of Service|          Total Length         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |         Identification        |Flags|      Fragment Offset    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Time to Live |    Protocol   |         Header Checksum       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         Source Address                        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      Destination Address                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                    Options (IHL - 5 words)                    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class Ipv4Packet {
    /** Bytes of a header without options. */
    public static final int HEADER_LENGTH = 20;

    private static final int VERSION_AND_IHL = 0;
    private static final int TYPE_OF_SERVICE = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FLAGS_AND_FRAGMENT_OFFSET = 6;
    private static final int TIME_TO_LIVE = 8;
    private static final int PROTOCOL = 9;
    private static final int HEADER_CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;

    private static final int VERSION = 4;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int FRAGMENT_OFFSET = 0x1FFF;

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;
    private int headerLength;
    private int totalLength;
    private int visible;

    /**
     * Writes a header without options that may not be fragmented, checksum included. Its identification is zero, which
     * RFC 6864 section 4.1 allows where fragmentation is ruled out.
     *
     * @throws IndexOutOfBoundsException if {@link #HEADER_LENGTH} bytes at {@code offset} do not lie inside the segment
     */
    public static void writeHeader(
            MemorySegment segment,
            long offset,
            int totalLength,
            int timeToLive,
            int protocol,
            int source,
            int destination) {
        writeHeader(segment, offset, 0, totalLength, timeToLive, protocol, source, destination);
    }

    /** The same with a type of service, RFC 2474's differentiated services field. */
    public static void writeHeader(
            MemorySegment segment,
            long offset,
            int typeOfService,
            int totalLength,
            int timeToLive,
            int protocol,
            int source,
            int destination) {
        NetworkOrder.u8(segment, offset + VERSION_AND_IHL, VERSION << 4 | HEADER_LENGTH / 4);
        NetworkOrder.u8(segment, offset + TYPE_OF_SERVICE, typeOfService);
        NetworkOrder.u16(segment, offset + TOTAL_LENGTH, totalLength);
        NetworkOrder.u16(segment, offset + IDENTIFICATION, 0);
        NetworkOrder.u16(segment, offset + FLAGS_AND_FRAGMENT_OFFSET, DONT_FRAGMENT);
        NetworkOrder.u8(segment, offset + TIME_TO_LIVE, timeToLive);
        NetworkOrder.u8(segment, offset + PROTOCOL, protocol);
        NetworkOrder.u32(segment, offset + SOURCE, source);
        NetworkOrder.u32(segment, offset + DESTINATION, destination);
        writeChecksum(segment, offset, HEADER_LENGTH);
    }

    /**
     * Gives the packet at {@code offset} another length and identification, and its header the checksum that goes with
     * them.
     *
     * @param headerLength bytes, options included
     */
    public static void rewrite(
            MemorySegment segment, long offset, int headerLength, int totalLength, int identification) {
        NetworkOrder.u16(segment, offset + TOTAL_LENGTH, totalLength);
        NetworkOrder.u16(segment, offset + IDENTIFICATION, identification);
        writeChecksum(segment, offset, headerLength);
    }

    private static void writeChecksum(MemorySegment segment, long offset, int headerLength) {
        NetworkOrder.u16(segment, offset + HEADER_CHECKSUM, 0);
        int checksum = InternetChecksum.finish(InternetChecksum.sum(segment, offset, headerLength));
        NetworkOrder.u16(segment, offset + HEADER_CHECKSUM, checksum);
    }

    /**
     * Moves the view to a packet.
     *
     * @param visible how many of its bytes are readable at {@code offset}
     * @param packetLength how many bytes the frame really carries after its Ethernet header, padding included
     * @return false unless it is version 4, the header lies within {@code visible}, and the total length covers the
     *     header and is covered by the frame (RFC 1812 section 5.2.2)
     */
    public boolean tryWrap(MemorySegment segment, long offset, int visible, int packetLength) {
        if (visible < HEADER_LENGTH || !NetworkOrder.contains(segment, offset, visible)) {
            return false;
        }
        int versionAndIhl = NetworkOrder.u8(segment, offset + VERSION_AND_IHL);
        int headerBytes = (versionAndIhl & 0xF) * 4;
        int totalBytes = NetworkOrder.u16(segment, offset + TOTAL_LENGTH);
        if (versionAndIhl >>> 4 != VERSION || headerBytes < HEADER_LENGTH || headerBytes > visible) {
            return false;
        }
        if (totalBytes < headerBytes || totalBytes > packetLength) {
            return false;
        }
        this.segment = segment;
        this.offset = offset;
        this.visible = visible;
        headerLength = headerBytes;
        totalLength = totalBytes;
        return true;
    }

    public int headerLength() {
        return headerLength;
    }

    public int totalLength() {
        return totalLength;
    }

    public int identification() {
        return NetworkOrder.u16(segment, offset + IDENTIFICATION);
    }

    /** In bytes, where the wire has units of eight. */
    public int fragmentOffset() {
        return (NetworkOrder.u16(segment, offset + FLAGS_AND_FRAGMENT_OFFSET) & FRAGMENT_OFFSET) * 8;
    }

    public boolean moreFragments() {
        return (NetworkOrder.u16(segment, offset + FLAGS_AND_FRAGMENT_OFFSET) & MORE_FRAGMENTS) != 0;
    }

    /** Whether its sender leaves it to routers to cut it into fragments. */
    public boolean mayBeFragmented() {
        return (NetworkOrder.u16(segment, offset + FLAGS_AND_FRAGMENT_OFFSET) & DONT_FRAGMENT) == 0;
    }

    /** Any fragment, the first included. */
    public boolean isFragment() {
        int field = NetworkOrder.u16(segment, offset + FLAGS_AND_FRAGMENT_OFFSET);
        return (field & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) != 0;
    }

    public int timeToLive() {
        return NetworkOrder.u8(segment, offset + TIME_TO_LIVE);
    }

    /** Sets the time to live and keeps the header checksum as right, or as wrong, as it was (RFC 1624). */
    public void timeToLive(int timeToLive) {
        int oldWord = NetworkOrder.u16(segment, offset + TIME_TO_LIVE);
        NetworkOrder.u8(segment, offset + TIME_TO_LIVE, timeToLive);
        int newWord = NetworkOrder.u16(segment, offset + TIME_TO_LIVE);
        NetworkOrder.u16(
                segment, offset + HEADER_CHECKSUM, InternetChecksum.update(headerChecksum(), oldWord, newWord));
    }

    /** The forwarding step of RFC 1812 section 5.3.1; the caller has seen that the time to live is above 1. */
    public void decrementTimeToLive() {
        timeToLive(timeToLive() - 1);
    }

    public int protocol() {
        return NetworkOrder.u8(segment, offset + PROTOCOL);
    }

    public int headerChecksum() {
        return NetworkOrder.u16(segment, offset + HEADER_CHECKSUM);
    }

    public boolean hasValidChecksum() {
        return InternetChecksum.fold(InternetChecksum.sum(segment, offset, headerLength)) == 0xFFFF;
    }

    public int source() {
        return NetworkOrder.u32(segment, offset + SOURCE);
    }

    /** Leaves the checksums, of this header and of the transport's pseudo-header, to the caller. */
    public void source(int ipv4) {
        NetworkOrder.u32(segment, offset + SOURCE, ipv4);
    }

    public int destination() {
        return NetworkOrder.u32(segment, offset + DESTINATION);
    }

    /** Leaves the checksums, of this header and of the transport's pseudo-header, to the caller. */
    public void destination(int ipv4) {
        NetworkOrder.u32(segment, offset + DESTINATION, ipv4);
    }

    /** Swaps source and destination; no checksum changes, as a sum does not know order. */
    public void swapAddresses() {
        int formerSource = source();
        source(destination());
        destination(formerSource);
    }

    /** The payload's absolute offset in the segment. */
    public long payloadOffset() {
        return offset + headerLength;
    }

    /** Readable bytes of payload; frame padding beyond the total length is not among them. */
    public int visiblePayload() {
        return Math.min(visible, totalLength) - headerLength;
    }
}
