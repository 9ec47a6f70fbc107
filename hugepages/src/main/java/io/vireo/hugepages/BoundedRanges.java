package io.vireo.hugepages;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The ranges of one guest's memory that passed the gate in its bounded form, each an exact segment behind a handle:
 *
 * <pre>
 *   bit 63: 1 | 62..52 memory | 51 ring's part | 50..34 range | 33..0 position
 * </pre>
 *
 * A handle is negative, so that the absolute way refuses it. Positions begin in the middle, with the low bits of the real
 * address: reckoning in either direction stays within the handle, and alignments can be seen. A guest holds a limited
 * number of buffers at a time; handles of those before them are refused, as all are after {@link #close}.
 */
final class BoundedRanges implements AutoCloseable {
    /** Whether this process has the bounded form at all: constant, so that nothing of it is in compiled code if not. */
    static final boolean ENABLED = GateForm.ofThisProcess() == GateForm.BOUNDED;

    private static final int POSITION_BITS = 34;
    private static final long POSITION_MASK = (1L << POSITION_BITS) - 1;
    private static final long MIDDLE = 1L << (POSITION_BITS - 1);
    private static final long PAGE_MASK = 4095;
    private static final int NUMBER_BITS = 17;
    private static final int NUMBER_MASK = (1 << NUMBER_BITS) - 1;
    private static final int PART = 1 << NUMBER_BITS;
    private static final int MEMORY_SHIFT = POSITION_BITS + NUMBER_BITS + 1;
    private static final int MEMORIES = 1 << 11;

    private static final int HELD_BUFFERS = 1 << 14;
    private static final int HELD_PARTS = 1 << 9;

    private static final AtomicReferenceArray<@Nullable BoundedRanges> ALL = new AtomicReferenceArray<>(MEMORIES);
    private static final AtomicInteger NEXT = new AtomicInteger();

    /** @param start the position of the first byte in handles of this range */
    private record Range(int number, MemorySegment segment, long start) {}

    private final Arena arena = Arena.ofShared();
    private final int memory;
    private final long[] hostStart;
    private final long[] size;

    private final AtomicReferenceArray<@Nullable Range> buffers = new AtomicReferenceArray<>(HELD_BUFFERS);
    private final AtomicReferenceArray<@Nullable Range> parts = new AtomicReferenceArray<>(HELD_PARTS);
    private final AtomicInteger nextBuffer = new AtomicInteger();
    private final AtomicInteger nextPart = new AtomicInteger();

    /**
     * @param hostStart where regions are mapped
     * @param size their bytes
     */
    BoundedRanges(long[] hostStart, long[] size) {
        if (!ENABLED) {
            throw new IllegalStateException("this process was not started for the bounded form of the gate");
        }
        this.hostStart = hostStart;
        this.size = size;
        memory = register();
    }

    private int register() {
        for (int tries = 0; tries < MEMORIES; tries++) {
            int number = NEXT.getAndIncrement() & (MEMORIES - 1);
            if (ALL.compareAndSet(number, null, this)) {
                return number;
            }
        }
        throw new IllegalStateException("more than " + MEMORIES + " guest memories at once");
    }

    /** The handle of a buffer that passed the gate. */
    long buffer(long address, long length) {
        return hold(buffers, nextBuffer.getAndIncrement() & NUMBER_MASK, address, length);
    }

    /** The handle of a ring's part that passed the gate. */
    long part(long address, long length) {
        return hold(parts, (nextPart.getAndIncrement() & NUMBER_MASK) | PART, address, length);
    }

    @SuppressWarnings("restricted") // inside a region, as has just been looked up
    private long hold(AtomicReferenceArray<@Nullable Range> held, int number, long address, long length) {
        if (!isMapped(address, length)) {
            throw new IllegalStateException(
                    "the gate let through what is outside: 0x%x, %d bytes".formatted(address, length));
        }
        MemorySegment segment = MemorySegment.ofAddress(address).reinterpret(length, arena, null);
        long start = MIDDLE | (address & PAGE_MASK);
        held.set(number & (held.length() - 1), new Range(number, segment, start));
        return Long.MIN_VALUE | (long) memory << MEMORY_SHIFT | (long) number << POSITION_BITS | start;
    }

    private boolean isMapped(long address, long length) {
        for (int i = 0; i < hostStart.length; i++) {
            long offset = address - hostStart[i];
            if (offset >= 0 && offset < size[i] && length >= 0 && length <= size[i] - offset) {
                return true;
            }
        }
        return false;
    }

    /** The range that a handle is of. */
    static MemorySegment segment(long handle) {
        return range(handle).segment;
    }

    /** Where in its range a handle points. */
    static long offset(long handle) {
        return (handle & POSITION_MASK) - range(handle).start;
    }

    private static Range range(long handle) {
        BoundedRanges owner = ALL.get((int) (handle >>> MEMORY_SHIFT) & (MEMORIES - 1));
        int number = (int) (handle >>> POSITION_BITS) & (NUMBER_MASK | PART);
        Range range = owner == null ? null : owner.find(number);
        if (range == null) {
            throw new IllegalStateException("0x%x is no handle, or one of long ago".formatted(handle));
        }
        return range;
    }

    private @Nullable Range find(int number) {
        AtomicReferenceArray<@Nullable Range> held = (number & PART) != 0 ? parts : buffers;
        Range range = held.get(number & (held.length() - 1));
        return range != null && range.number == number ? range : null;
    }

    /** To be called before the memory is unmapped: nothing of it can be touched any more. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            ALL.set(memory, null);
            arena.close();
        }
    }
}
