package io.vireo.virtqueue;

/**
 * Offsets and sizes of a packed virtqueue's three parts, little endian (virtio 1.3, 2.8), and how both sides count in it.
 *
 * <pre>
 * descriptor ring, 16 bytes each, aligned to 16, written by both sides       2.8.13
 *   0 address u64 | 8 length u32 | 12 buffer id u16 | 14 flags u16
 * driver and device event suppression, aligned to 4, each written by one     2.8.14
 *   0 offset u15, wrap counter u1 | 2 flags u16
 * </pre>
 *
 * <p>Both sides count descriptors with free-running ints, "positions". A position's low bits are the index into the ring,
 * and the next bit is the inverse of the ring wrap counter (2.8.1), which is 1 in the first lap. Descriptor flags other
 * than those below are {@link SplitRingLayout}'s.
 */
public final class PackedRingLayout {
    public static final int DESCRIPTOR_SIZE = 16;
    public static final int DESCRIPTOR_ALIGNMENT = 16;
    /** Where length, buffer id and flags begin: eight bytes, written and read at once. */
    public static final int REST_OFFSET = 8;

    public static final int ID_SHIFT = 32;
    public static final int FLAGS_SHIFT = 48;
    public static final int DESCRIPTOR_F_AVAILABLE = 1 << 7;
    public static final int DESCRIPTOR_F_USED = 1 << 15;

    public static final int EVENT_SIZE = 4;
    public static final int EVENT_ALIGNMENT = 4;
    public static final int EVENT_FLAGS_SHIFT = 16;
    /** Events for each descriptor (2.8.10). */
    public static final int EVENTS_ENABLE = 0;

    public static final int EVENTS_DISABLE = 1;
    /** An event when the descriptor at offset and wrap counter is reached; only with RING_EVENT_IDX. */
    public static final int EVENTS_DESCRIPTOR = 2;

    private static final int EVENT_FLAGS_MASK = 3;
    private static final int EVENT_OFFSET_MASK = 0x7fff;
    /** The wrap counter's place beside an index: in event suppression structures, and in vhost-user's ring base. */
    private static final int WRAP_COUNTER = 1 << 15;

    private PackedRingLayout() {}

    public static long descriptorRingSize(int size) {
        return (long) size * DESCRIPTOR_SIZE;
    }

    /** The two availability flags of a descriptor that the driver made available at this position. */
    public static int availableFlags(int position, int size) {
        return (position & size) == 0 ? DESCRIPTOR_F_AVAILABLE : DESCRIPTOR_F_USED;
    }

    /** The two availability flags of a descriptor that the device used at this position. */
    public static int usedFlags(int position, int size) {
        return (position & size) == 0 ? DESCRIPTOR_F_AVAILABLE | DESCRIPTOR_F_USED : 0;
    }

    /** A position's index with the wrap counter in bit 15. */
    public static int indexAndWrap(int position, int size) {
        return (position & (size - 1)) | ((position & size) == 0 ? WRAP_COUNTER : 0);
    }

    /** A position with this index and wrap counter; an index that cannot be is cut to one that can. */
    public static int position(int indexAndWrap, int size) {
        return (indexAndWrap & (size - 1)) | ((indexAndWrap & WRAP_COUNTER) == 0 ? size : 0);
    }

    /** The event suppression structure that asks for an event at a position. */
    public static int eventAt(int position, int size) {
        return EVENTS_DESCRIPTOR << EVENT_FLAGS_SHIFT | indexAndWrap(position, size);
    }

    /**
     * Whether the other side's event suppression structure asks for an event, this side having moved from position {@code
     * before} to {@code now} (2.8.10). What no event index can mean asks for one: too many do no harm.
     */
    public static boolean wantsEvent(int event, boolean eventIndex, int before, int now, int size) {
        int flags = (event >>> EVENT_FLAGS_SHIFT) & EVENT_FLAGS_MASK;
        if (flags != EVENTS_DESCRIPTOR || !eventIndex) {
            return flags != EVENTS_DISABLE && now != before;
        }
        int reached = position(event & (EVENT_OFFSET_MASK | WRAP_COUNTER), size);
        return ((now - reached - 1) & (2 * size - 1)) < now - before;
    }
}
