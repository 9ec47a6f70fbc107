package io.vireo.protocols.icmpv6;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * A view of an ICMPv6 header as echo messages have it (RFC 4443 sections 2.1 and 4.1). Not thread-safe; allocates nothing;
 * does not own the memory. Identifier and sequence number have a meaning in echo messages only.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Type      |     Code      |          Checksum             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Identifier          |        Sequence Number        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Data ...
 * +-+-+-+-+-
 * </pre>
 */
public final class Icmpv6Message {
    public static final int HEADER_LENGTH = 8;

    public static final int ECHO_REQUEST = 128;
    public static final int ECHO_REPLY = 129;
    public static final int MULTICAST_LISTENER_QUERY = 130;
    public static final int MULTICAST_LISTENER_REPORT = 131;
    public static final int MULTICAST_LISTENER_DONE = 132;
    public static final int ROUTER_SOLICITATION = 133;
    public static final int ROUTER_ADVERTISEMENT = 134;
    public static final int NEIGHBOR_SOLICITATION = 135;
    public static final int NEIGHBOR_ADVERTISEMENT = 136;
    public static final int REDIRECT = 137;
    public static final int MULTICAST_LISTENER_REPORT_V2 = 143;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE_NUMBER = 6;

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;

    /** Types below 128 (RFC 4443 section 2.1), unknown ones too. */
    public static boolean isError(int type) {
        return type < ECHO_REQUEST;
    }

    /** Messages that never leave their link (RFC 4861): solicitations, advertisements, redirects. */
    public static boolean isNeighborDiscovery(int type) {
        return type >= ROUTER_SOLICITATION && type <= REDIRECT;
    }

    /** Multicast listener discovery, either version (RFC 2710, RFC 3810), which never leaves its link either. */
    public static boolean isMulticastListenerDiscovery(int type) {
        return switch (type) {
            case MULTICAST_LISTENER_QUERY,
                    MULTICAST_LISTENER_REPORT,
                    MULTICAST_LISTENER_DONE,
                    MULTICAST_LISTENER_REPORT_V2 -> true;
            default -> false;
        };
    }

    /**
     * Moves the view to a message of which {@code visible} bytes are readable.
     *
     * @return false if they do not hold a header, or do not lie inside the segment
     */
    public boolean tryWrap(MemorySegment segment, long offset, int visible) {
        if (visible < HEADER_LENGTH || !NetworkOrder.contains(segment, offset, visible)) {
            return false;
        }
        this.segment = segment;
        this.offset = offset;
        return true;
    }

    public int type() {
        return NetworkOrder.u8(segment, offset + TYPE);
    }

    /** Sets the type and keeps the checksum as right, or as wrong, as it was (RFC 1624). */
    void type(int type) {
        int oldWord = NetworkOrder.u16(segment, offset + TYPE);
        NetworkOrder.u8(segment, offset + TYPE, type);
        int newWord = NetworkOrder.u16(segment, offset + TYPE);
        updateChecksum(oldWord, newWord);
    }

    /**
     * Keeps the checksum as right, or as wrong, as it was, when something that it covers changed (RFC 1624).
     *
     * @param oldSum the folded sum of what was there
     * @param newSum the folded sum of what is there now
     */
    void updateChecksum(int oldSum, int newSum) {
        NetworkOrder.u16(segment, offset + CHECKSUM, InternetChecksum.update(checksum(), oldSum, newSum));
    }

    public int code() {
        return NetworkOrder.u8(segment, offset + CODE);
    }

    public int checksum() {
        return NetworkOrder.u16(segment, offset + CHECKSUM);
    }

    public int identifier() {
        return NetworkOrder.u16(segment, offset + IDENTIFIER);
    }

    public int sequenceNumber() {
        return NetworkOrder.u16(segment, offset + SEQUENCE_NUMBER);
    }

    public boolean isEchoRequest() {
        return type() == ECHO_REQUEST && code() == 0;
    }
}
