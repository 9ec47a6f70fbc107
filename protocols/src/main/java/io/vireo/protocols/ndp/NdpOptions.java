package io.vireo.protocols.ndp;

import io.vireo.protocols.NetworkOrder;
import java.lang.foreign.MemorySegment;

/**
 * The options that end a neighbour discovery message (RFC 4861 section 4.6). Stateless; allocates nothing.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Type      |    Length     |              ...              |  the length in units of 8 bytes,
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+  type and length included
 * </pre>
 */
final class NdpOptions {
    static final int SOURCE_LINK_LAYER_ADDRESS = 1;
    static final int TARGET_LINK_LAYER_ADDRESS = 2;
    static final int PREFIX_INFORMATION = 3;
    static final int MTU = 5;
    static final int RECURSIVE_DNS_SERVER = 25;
    static final int DNS_SEARCH_LIST = 31;

    /** The unit of an option's length field. */
    static final int UNIT = 8;

    private static final int LENGTH = 1;

    private NdpOptions() {}

    /** Whether the options fill their {@code length} bytes exactly, none of them having length zero (section 4.6). */
    static boolean areSound(MemorySegment segment, long offset, int length) {
        int position = 0;
        while (length - position >= UNIT) {
            int option = NetworkOrder.u8(segment, offset + position + LENGTH) * UNIT;
            if (option == 0) {
                return false;
            }
            position += option;
        }
        return position == length;
    }

    /** Whether an option of that type is among options that {@link #areSound}. */
    static boolean contain(MemorySegment segment, long offset, int length, int type) {
        int position = 0;
        while (position < length) {
            if (NetworkOrder.u8(segment, offset + position) == type) {
                return true;
            }
            position += NetworkOrder.u8(segment, offset + position + LENGTH) * UNIT;
        }
        return false;
    }
}
