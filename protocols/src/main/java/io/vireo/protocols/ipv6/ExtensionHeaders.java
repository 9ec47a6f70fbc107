package io.vireo.protocols.ipv6;

import io.vireo.protocols.NetworkOrder;
import java.lang.foreign.MemorySegment;

/**
 * Walks from an IPv6 header over its extension headers to the header of the upper layer (RFC 8200 section 4). Not
 * thread-safe; allocates nothing; reads only, and no more than {@value #MOST} headers within the packet's visible bytes.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Next Header  |  Hdr Ext Len  | Routing Type  | Segments Left |  routing; options have theirs from octet 2
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|  fragment, always 8 bytes
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>Encapsulating Security Payload (50) hides what follows, and No Next Header (59) has nothing behind it: both end the
 * walk as upper layers do.
 */
public final class ExtensionHeaders {
    /** More than a sane packet has: each of the kinds at most once, destination options twice (RFC 8200 section 4.1). */
    public static final int MOST = 8;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int AUTHENTICATION = 51;
    private static final int DESTINATION_OPTIONS = 60;

    private static final int EXTENSION_LENGTH = 1;
    private static final int OFFSET_AND_FLAGS = 2;

    /** Bytes of the smallest extension header, and the unit of the length field of most. */
    private static final int UNIT = 8;

    private static final int MORE_FRAGMENTS = 1;
    private static final int FRAGMENT_OFFSET = 0xFFF8;

    /** How a walk ended. */
    public enum Outcome {
        /** At the upper layer's header, or at a later fragment's data. */
        FOUND,
        /** At more headers than {@value #MOST}, or beyond what is visible: what the packet carries is not known. */
        TOO_DEEP,
        /**
         * At a header that the packet is too short for, hop-by-hop options that are not first (RFC 8200 section 4.1), or a
         * fragment header in a fragment.
         */
        MALFORMED
    }

    private int protocol;
    private long offset;
    private int length;
    private int visible;
    private int headers;
    private boolean fragment;
    private boolean laterFragment;

    /**
     * Walks a packet. What the accessors tell belongs to it; protocol, offset and lengths only after
     * {@link Outcome#FOUND}.
     *
     * @param segment the one the packet's view stands in
     */
    public Outcome walk(MemorySegment segment, Ipv6Packet packet) {
        protocol = packet.nextHeader();
        offset = packet.payloadOffset();
        length = packet.payloadLength();
        visible = packet.visiblePayload();
        headers = 0;
        fragment = false;
        laterFragment = false;
        while (!laterFragment && isExtension(protocol)) {
            if (headers == MOST) {
                return Outcome.TOO_DEEP;
            }
            Outcome step = step(segment);
            if (step != Outcome.FOUND) {
                return step;
            }
        }
        return Outcome.FOUND;
    }

    private static boolean isExtension(int protocol) {
        return switch (protocol) {
            case HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION_OPTIONS -> true;
            default -> false;
        };
    }

    /** Goes past one header, if all of it is there. */
    private Outcome step(MemorySegment segment) {
        if (length < UNIT || (protocol == HOP_BY_HOP && headers > 0) || (protocol == FRAGMENT && fragment)) {
            return Outcome.MALFORMED;
        }
        if (visible < UNIT) {
            return Outcome.TOO_DEEP;
        }
        int bytes = headerLength(segment);
        if (bytes > length) {
            return Outcome.MALFORMED;
        }
        if (bytes > visible) {
            return Outcome.TOO_DEEP;
        }
        if (protocol == FRAGMENT) {
            int field = NetworkOrder.u16(segment, offset + OFFSET_AND_FLAGS);
            laterFragment = (field & FRAGMENT_OFFSET) != 0;
            fragment = laterFragment || (field & MORE_FRAGMENTS) != 0;
        }
        protocol = NetworkOrder.u8(segment, offset);
        offset += bytes;
        length -= bytes;
        visible -= bytes;
        headers++;
        return Outcome.FOUND;
    }

    private int headerLength(MemorySegment segment) {
        int field = NetworkOrder.u8(segment, offset + EXTENSION_LENGTH);
        return switch (protocol) {
            case FRAGMENT -> UNIT;
            case AUTHENTICATION -> Math.max((field + 2) * Integer.BYTES, UNIT); // RFC 4302 section 2.2
            default -> (field + 1) * UNIT;
        };
    }

    /** The upper layer's protocol number; in a later fragment, what the reassembled packet goes on with. */
    public int protocol() {
        return protocol;
    }

    /** Where the upper layer's header, or a later fragment's data, begins in the segment. */
    public long offset() {
        return offset;
    }

    /** Bytes from there to the packet's end. */
    public int length() {
        return length;
    }

    /** How many of them are readable; possibly none. */
    public int visible() {
        return visible;
    }

    /**
     * Any fragment, the first included; not a packet that has a fragment header and is whole (RFC 6946).
     */
    public boolean isFragment() {
        return fragment;
    }

    /** A fragment without the upper layer's header. */
    public boolean isLaterFragment() {
        return laterFragment;
    }
}
