package io.vireo.hugepages;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Absolute addresses of this process, little endian as virtio wants it (virtio 1.3, 1.4). Callers vouch that the range
 * lies in a mapping: it came through {@link GuestMemory#translate} or belongs to a {@link SharedMemory}.
 *
 * <p>All accesses go through VarHandles and {@link MemorySegment#copy}, so that a page the other side took away is an
 * {@link InternalError} and not the end of the process.
 */
public final class HostMemory {
    /** The whole address space; as a constant its bounds checks vanish in compiled code. */
    @SuppressWarnings("restricted") // the gate stands in front of every address
    public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
    private static final VarHandle ALIGNED_LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final int LONGEST_LOOP = 160;
    private static final int STEP = 4 * Long.BYTES;

    private HostMemory() {}

    public static byte getByte(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    public static void putByte(long address, byte value) {
        ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }

    public static short getShort(long address) {
        return ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
    }

    public static void putShort(long address, short value) {
        ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, value);
    }

    public static int getInt(long address) {
        return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    public static void putInt(long address, int value) {
        ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    public static long getLong(long address) {
        return ALL.get(LONG, address);
    }

    public static void putLong(long address, long value) {
        ALL.set(LONG, address, value);
    }

    /** @param address a multiple of 2 */
    public static short getShortAcquire(long address) {
        return (short) SHORT.getAcquire(ALL, address);
    }

    /** @param address a multiple of 2 */
    public static void putShortRelease(long address, short value) {
        SHORT.setRelease(ALL, address, value);
    }

    /** @param address a multiple of 8 */
    public static long getLongAcquire(long address) {
        return (long) ALIGNED_LONG.getAcquire(ALL, address);
    }

    /** @param address a multiple of 8 */
    public static void putLongRelease(long address, long value) {
        ALIGNED_LONG.setRelease(ALL, address, value);
    }

    /** Copies between ranges that do not overlap. Short ones, which headers are, by longs: faster than the bulk copy. */
    public static void copy(long source, long destination, long length) {
        if (length < STEP || length > LONGEST_LOOP) {
            MemorySegment.copy(ALL, source, ALL, destination, length);
            return;
        }
        long last = length - STEP;
        for (long i = 0; i < last; i += STEP) {
            copyStep(source + i, destination + i);
        }
        copyStep(source + last, destination + last);
    }

    private static void copyStep(long source, long destination) {
        long a = getLong(source);
        long b = getLong(source + 8);
        long c = getLong(source + 16);
        long d = getLong(source + 24);
        putLong(destination, a);
        putLong(destination + 8, b);
        putLong(destination + 16, c);
        putLong(destination + 24, d);
    }

    public static void fill(long address, long length, byte value) {
        ALL.asSlice(address, length).fill(value);
    }
}
