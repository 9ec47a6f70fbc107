package io.vireo.virtqueue.device;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A device's side of a ring as one reads it out of the specification: a descriptor after the other, each check where it comes
 * to mind, nothing remembered that need not be. Reads the guest's memory as a plain buffer.
 */
abstract class RingModel {
    static final int NEXT = 1;
    static final int WRITE = 2;
    static final int INDIRECT = 4;
    static final int DESCRIPTOR = 16;

    /**
     * A range that a descriptor refers to.
     *
     * @param offset in the memory file
     */
    record Segment(long offset, long length) {}

    /**
     * A chain that was taken.
     *
     * @param id by what the driver knows it
     * @param position where it lies in the ring
     * @param end where the next one lies
     * @param writable from which segment on the device writes
     */
    record Chain(int id, int position, int end, List<Segment> segments, int writable) {
        long bytes() {
            return segments.stream().mapToLong(Segment::length).sum();
        }
    }

    /** The driver did what no driver may. */
    static final class Broken extends Exception {
        private static final long serialVersionUID = 1;

        Broken() {
            super("broken", null, false, false);
        }
    }

    final ByteBuffer memory;
    final int size;
    final boolean indirect;
    private final Direction direction;

    private final List<Segment> segments = new ArrayList<>();
    private int writable;

    /** @param memory the file, little endian */
    RingModel(ByteBuffer memory, int size, boolean indirect, Direction direction) {
        this.memory = memory;
        this.size = size;
        this.indirect = indirect;
        this.direction = direction;
    }

    /** The next chain, if there is one. */
    abstract Optional<Chain> next() throws Broken;

    /** Goes back to a chain that was taken and not completed. */
    abstract void rewind(Chain chain);

    /** Claims that the chains, all that were taken, were completed as this says, and published. */
    abstract void completed(List<Chain> chains, int[] written, boolean asBatch);

    // ---- what both formats have in common

    final void beginChain() {
        segments.clear();
        writable = -1;
    }

    final Chain endChain(int id, int position, int end) {
        return new Chain(id, position, end, List.copyOf(segments), writable < 0 ? segments.size() : writable);
    }

    final void add(long guestAddress, long length, int flags) throws Broken {
        boolean writes = (flags & WRITE) != 0;
        require(writes ? direction != Direction.READABLE : direction != Direction.WRITABLE && writable < 0);
        if (writes && writable < 0) {
            writable = segments.size();
        }
        if (length > 0) {
            segments.add(new Segment(locate(guestAddress, length), length));
        }
    }

    /** Where an indirect table lies in the memory file. */
    final int table(long guestAddress, long length, int flags) throws Broken {
        require(indirect && length > 0 && length % DESCRIPTOR == 0 && (flags & NEXT) == 0);
        return (int) locate(guestAddress, length);
    }

    private static long locate(long guestAddress, long length) throws Broken {
        long offset = RingTarget.offsetOf(guestAddress, length);
        require(offset >= 0);
        return offset;
    }

    static void require(boolean condition) throws Broken {
        if (!condition) {
            throw new Broken();
        }
    }

    final long address(int descriptor) {
        return memory.getLong(descriptor);
    }

    final long length(int descriptor) {
        return memory.getInt(descriptor + 8) & 0xFFFF_FFFFL;
    }

    final int u16(int offset) {
        return memory.getShort(offset) & 0xFFFF;
    }
}
