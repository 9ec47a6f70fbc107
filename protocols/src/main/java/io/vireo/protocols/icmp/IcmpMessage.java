package io.vireo.protocols.icmp;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * A view of an ICMP header as echo messages have it (RFC 792). Not thread-safe; allocates nothing; does not own the
 * memory. Identifier and sequence number have a meaning in echo messages only.
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
public final class IcmpMessage {
    public static final int HEADER_LENGTH = 8;

    public static final int ECHO_REPLY = 0;
    public static final int ECHO_REQUEST = 8;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE_NUMBER = 6;

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;

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
        NetworkOrder.u16(segment, offset + CHECKSUM, InternetChecksum.update(checksum(), oldWord, newWord));
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
