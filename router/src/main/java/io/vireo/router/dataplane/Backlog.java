package io.vireo.router.dataplane;

/**
 * Frames that wait, in order, for a guest's receive buffers: a bounded ring of slots, each with room for a virtio-net header
 * and the largest frame. Confined to the port's reactor.
 */
public final class Backlog {
    /** Frames that one port may have waiting. */
    public static final int FRAMES = 128;

    static final long FULL = -1;
    private static final int MASK = FRAMES - 1;
    private static final int CACHE_LINE = 64;

    private final long memory;
    private final int slotSize;
    private final int[] length = new int[FRAMES];
    private int head;
    private int tail;

    /** @param memory absolute address of {@link #memorySize} bytes that stay this backlog's */
    public Backlog(long memory, int longest) {
        this.memory = memory;
        slotSize = slotSize(longest);
    }

    /** Bytes of memory for frames of up to {@code longest} bytes, header included. */
    public static long memorySize(int longest) {
        return (long) FRAMES * slotSize(longest);
    }

    private static int slotSize(int longest) {
        return (longest + CACHE_LINE - 1) & -CACHE_LINE;
    }

    boolean isEmpty() {
        return head == tail;
    }

    int size() {
        return tail - head;
    }

    /** Adds a frame of {@code bytes} bytes. @return the address to write it to, or {@link #FULL} */
    long append(int bytes) {
        if (tail - head == FRAMES || bytes > slotSize) {
            return FULL;
        }
        int slot = tail++ & MASK;
        length[slot] = bytes;
        return memory + (long) slot * slotSize;
    }

    long firstAddress() {
        return memory + (long) (head & MASK) * slotSize;
    }

    int firstLength() {
        return length[head & MASK];
    }

    void removeFirst() {
        head++;
    }

    /** A mark for {@link #truncate}. */
    int end() {
        return tail;
    }

    /** Forgets the frames appended since {@code end}. */
    void truncate(int end) {
        tail = end;
    }

    void clear() {
        head = tail;
    }
}
