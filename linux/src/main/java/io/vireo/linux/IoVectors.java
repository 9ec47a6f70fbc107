package io.vireo.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An array of struct iovec: pieces of memory that make up packets. Not thread-safe. */
public final class IoVectors implements AutoCloseable {
    /** Bytes of one: address and length, 64 bits each. */
    static final int SIZE = 16;

    private static final int LENGTH = 8;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment vectors;

    /** @param count how many there may be at once */
    public IoVectors(int count) {
        vectors = arena.allocate((long) count * SIZE, SIZE);
    }

    public void set(int index, long address, long length) {
        long offset = (long) index * SIZE;
        vectors.set(ValueLayout.JAVA_LONG, offset, address);
        vectors.set(ValueLayout.JAVA_LONG, offset + LENGTH, length);
    }

    long base(int index) {
        return vectors.get(ValueLayout.JAVA_LONG, (long) index * SIZE);
    }

    int length(int index) {
        return (int) vectors.get(ValueLayout.JAVA_LONG, (long) index * SIZE + LENGTH);
    }

    /** Where the kernel finds that element and those behind it. */
    public long address(int index) {
        return vectors.address() + (long) index * SIZE;
    }

    /** The caller vouches that the kernel reads them no more. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
