package io.vireo.router.reactor;

import io.vireo.router.dataplane.PeerReactor;

/**
 * Room for records of any size, in the order in which they come and go: positions in a piece of memory that is used round
 * and round. A record is one piece; what is left at the end when it does not fit there stays unused for that round.
 * Positions are free-running. Confined to the thread that allocates.
 */
final class FrameRing {
    static final long FULL = PeerReactor.FULL;

    private static final int CACHE_LINE = 64;

    private final long memory;
    private final long size;
    private long head;
    private long tail;

    /**
     * @param memory absolute address, a multiple of 64
     * @param size bytes, a power of two
     */
    FrameRing(long memory, long size) {
        this.memory = memory;
        this.size = size;
    }

    /** The longest record: one that fits whenever the ring is empty, wherever its end may be. */
    long longest() {
        return size / 2;
    }

    /** @return the record's address, a multiple of 64, or {@link #FULL} */
    long allocate(long bytes) {
        if (bytes > longest()) {
            return FULL;
        }
        long rounded = (bytes + CACHE_LINE - 1) & -CACHE_LINE;
        long offset = tail & (size - 1);
        long skipped = rounded > size - offset ? size - offset : 0;
        if (tail + skipped + rounded - head > size) {
            return FULL;
        }
        long start = tail + skipped;
        tail = start + rounded;
        return memory + (start & (size - 1));
    }

    /** Where the record allocated last ends: what {@link #release} takes, once it is no longer needed. */
    long end() {
        return tail;
    }

    /** Takes back the records allocated since {@link #end} was this. */
    void truncate(long end) {
        tail = end;
    }

    /** Frees all records up to and including the one that ends here. */
    void release(long end) {
        head = end;
    }
}
