package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;

/**
 * Frames that wait, in order, for a guest's receive buffers: records in a bounded piece of memory that is used round and
 * round. Confined to the port's reactor.
 *
 * <pre>
 *   record   | length u32 | unused u32 | virtio-net header 12 | frame | up to a multiple of 64 |
 * </pre>
 *
 * <p>A record is one piece: what is left at the end of the memory when it does not fit there begins with a length of zero.
 */
public final class Backlog {
    static final long FULL = -1;

    /** How many of a port's longest frames fit, at least. */
    private static final int FRAMES = 128;
    /** Room for several super-frames of 64 KiB, whatever the MTU. */
    private static final int LEAST_MEMORY = 1 << 19;

    private static final int RECORD_HEADER = 8;
    private static final int CACHE_LINE = 64;
    private static final int SKIP = 0;

    private final long memory;
    private final int size;
    /** Offsets of the first record and of the place behind the last one; the same if there is none. */
    private int head;

    private int tail;

    /**
     * @param memory absolute address of {@link #memorySize} bytes that stay this backlog's
     * @param longest bytes of the longest frame that is no super-frame, virtio-net header included
     */
    public Backlog(long memory, int longest) {
        this.memory = memory;
        size = (int) memorySize(longest);
    }

    /** Bytes of memory for frames of up to {@code longest} bytes, virtio-net header included. */
    public static long memorySize(int longest) {
        return Math.max(LEAST_MEMORY, (long) FRAMES * recordSize(longest) + CACHE_LINE);
    }

    private static int recordSize(int bytes) {
        return (RECORD_HEADER + bytes + CACHE_LINE - 1) & -CACHE_LINE;
    }

    boolean isEmpty() {
        return head == tail;
    }

    /** How many frames wait; they are counted one by one. */
    int size() {
        int count = 0;
        for (int at = head; at != tail; count++) {
            at = next(place(at));
        }
        return count;
    }

    /** Adds a frame of {@code bytes} bytes, virtio-net header included. @return the address to write it to, or {@link #FULL} */
    long append(int bytes) {
        if (bytes > size - RECORD_HEADER - CACHE_LINE) {
            return FULL;
        }
        int record = recordSize(bytes);
        int at = tail;
        if (at < head) {
            if (record >= head - at) { // a full backlog would look like an empty one
                return FULL;
            }
        } else if (record > size - at || (record == size - at && head == 0)) {
            if (record >= head) {
                return FULL;
            }
            HostMemory.putInt(memory + at, SKIP);
            at = 0;
        }
        HostMemory.putInt(memory + at, bytes);
        tail = next(at);
        return memory + at + RECORD_HEADER;
    }

    long firstAddress() {
        return memory + place(head) + RECORD_HEADER;
    }

    int firstLength() {
        return HostMemory.getInt(memory + place(head));
    }

    void removeFirst() {
        head = next(place(head));
    }

    /** Where the record is whose turn comes at {@code at}. */
    private int place(int at) {
        return HostMemory.getInt(memory + at) == SKIP ? 0 : at;
    }

    /** Where the place behind a record is. */
    private int next(int at) {
        int end = at + recordSize(HostMemory.getInt(memory + at));
        return end == size ? 0 : end;
    }

    /** A mark for {@link #truncate}. */
    int end() {
        return tail;
    }

    /** Forgets the frames appended since {@code end}; none was removed since. */
    void truncate(int end) {
        tail = end;
    }

    void clear() {
        head = tail;
    }
}
