package io.vireo.virtqueue;

/**
 * Offsets and sizes of a split virtqueue's three parts, little endian (virtio 1.3, 2.7).
 *
 * <pre>
 * descriptor table, 16 bytes each, aligned to 16          2.7.5
 *   0 address u64 | 8 length u32 | 12 flags u16 | 14 next u16
 * available ring, aligned to 2, written by the driver      2.7.6
 *   0 flags u16 | 2 index u16 | 4 head u16 [size] | used_event u16
 * used ring, aligned to 4, written by the device           2.7.8
 *   0 flags u16 | 2 index u16 | 4 { head u32, length u32 } [size] | avail_event u16
 * </pre>
 */
public final class SplitRingLayout {
    /** The largest queue size of a split ring (2.7); a power of two like every size. */
    public static final int MAX_SIZE = 32_768;

    public static final int DESCRIPTOR_SIZE = 16;
    public static final int DESCRIPTOR_ALIGNMENT = 16;
    public static final int DESCRIPTOR_F_NEXT = 1;
    public static final int DESCRIPTOR_F_WRITE = 2;
    public static final int DESCRIPTOR_F_INDIRECT = 4;

    public static final int AVAILABLE_ALIGNMENT = 2;
    public static final int USED_ALIGNMENT = 4;
    public static final int FLAGS_OFFSET = 0;
    public static final int INDEX_OFFSET = 2;
    public static final int ENTRIES_OFFSET = 4;
    public static final int AVAILABLE_ENTRY_SIZE = 2;
    public static final int USED_ENTRY_SIZE = 8;

    /** In the available ring's flags: the driver wants no interrupts (2.7.7). */
    public static final int AVAILABLE_F_NO_INTERRUPT = 1;
    /** In the used ring's flags: the device wants no kicks (2.7.10). */
    public static final int USED_F_NO_NOTIFY = 1;

    private SplitRingLayout() {}

    public static long descriptorTableSize(int size) {
        return (long) size * DESCRIPTOR_SIZE;
    }

    public static long availableRingSize(int size) {
        return usedEventOffset(size) + 2;
    }

    public static long usedRingSize(int size) {
        return availableEventOffset(size) + 2;
    }

    /** Where the driver says from which used index on it wants an interrupt (2.7.7). */
    public static long usedEventOffset(int size) {
        return ENTRIES_OFFSET + (long) size * AVAILABLE_ENTRY_SIZE;
    }

    /** Where the device says from which available index on it wants a kick (2.7.10). */
    public static long availableEventOffset(int size) {
        return ENTRIES_OFFSET + (long) size * USED_ENTRY_SIZE;
    }

    /** Whether the move of an index from {@code before} to {@code now} passed {@code event} (2.7.7.1, with wrap-around). */
    public static boolean passed(short event, short now, short before) {
        return Short.toUnsignedInt((short) (now - event - 1)) < Short.toUnsignedInt((short) (now - before));
    }
}
