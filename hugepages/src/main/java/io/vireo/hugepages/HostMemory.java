package io.vireo.hugepages;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Absolute addresses of this process, little endian as virtio wants it (virtio 1.3, 1.4). Callers vouch that the range
 * lies in a mapping: it came through {@link GuestMemory#translate} or belongs to a {@link SharedMemory}. In the gate's
 * bounded form ({@link GateForm}) what came through it is no address yet, and this class the only one that makes it one.
 *
 * <p>All accesses go through VarHandles and {@link MemorySegment#copy}, so that a page the other side took away is an
 * {@link InternalError} and not the end of the process.
 */
public final class HostMemory {
    /** The whole address space; as a constant its bounds checks vanish in compiled code. For memory of our own alone. */
    @SuppressWarnings("restricted") // the gate stands in front of every address
    public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
    private static final VarHandle ALIGNED_LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final int LONGEST_LOOP = 160;
    private static final int STEP = 4 * Long.BYTES;

    private HostMemory() {}

    // ---- what an address means: itself, or in the gate's bounded form a range and a place in it

    /** In which segment the bytes at an address are found, at {@link #offset}: for what takes segments. */
    public static MemorySegment segment(long address) {
        return BoundedRanges.ENABLED && address < 0 ? BoundedRanges.segment(address) : ALL;
    }

    public static long offset(long address) {
        return BoundedRanges.ENABLED && address < 0 ? BoundedRanges.offset(address) : address;
    }

    /** Where the kernel finds these bytes. */
    public static long absolute(long address, long length) {
        return BoundedRanges.ENABLED && address < 0
                ? segment(address).asSlice(offset(address), length).address()
                : address;
    }

    // ---- access

    public static byte getByte(long address) {
        return segment(address).get(ValueLayout.JAVA_BYTE, offset(address));
    }

    public static void putByte(long address, byte value) {
        segment(address).set(ValueLayout.JAVA_BYTE, offset(address), value);
    }

    public static short getShort(long address) {
        return segment(address).get(ValueLayout.JAVA_SHORT_UNALIGNED, offset(address));
    }

    public static void putShort(long address, short value) {
        segment(address).set(ValueLayout.JAVA_SHORT_UNALIGNED, offset(address), value);
    }

    public static int getInt(long address) {
        return segment(address).get(ValueLayout.JAVA_INT_UNALIGNED, offset(address));
    }

    public static void putInt(long address, int value) {
        segment(address).set(ValueLayout.JAVA_INT_UNALIGNED, offset(address), value);
    }

    public static long getLong(long address) {
        return segment(address).get(LONG, offset(address));
    }

    public static void putLong(long address, long value) {
        segment(address).set(LONG, offset(address), value);
    }

    /** @param address a multiple of 2 */
    public static short getShortAcquire(long address) {
        return (short) SHORT.getAcquire(segment(address), offset(address));
    }

    /**
     * A fence and a plain store. Interpreted, {@code setRelease} of a short is a call of the JVM's own {@code putShortVolatile}, whose
     * {@code xchgw} its signal handler cannot decode: on a page that is gone the process would end ("assembler_x86.cpp,
     * ShouldNotReachHere").
     *
     * @param address a multiple of 2
     */
    public static void putShortRelease(long address, short value) {
        VarHandle.releaseFence();
        putShort(address, value);
    }

    /** @param address a multiple of 8 */
    public static long getLongAcquire(long address) {
        return (long) ALIGNED_LONG.getAcquire(segment(address), offset(address));
    }

    /** @param address a multiple of 8 */
    public static void putLongRelease(long address, long value) {
        ALIGNED_LONG.setRelease(segment(address), offset(address), value);
    }

    /** Copies between ranges that do not overlap. Short ones, which headers are, by longs: faster than the bulk copy. */
    public static void copy(long source, long destination, long length) {
        if (length < STEP || length > LONGEST_LOOP) {
            MemorySegment.copy(segment(source), offset(source), segment(destination), offset(destination), length);
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

    /** Copies from an address to an array. */
    public static void read(long address, byte[] into, int at, int length) {
        MemorySegment.copy(segment(address), ValueLayout.JAVA_BYTE, offset(address), into, at, length);
    }

    /** Copies from an array to an address. */
    public static void write(byte[] from, int at, long address, int length) {
        MemorySegment.copy(from, at, segment(address), ValueLayout.JAVA_BYTE, offset(address), length);
    }

    public static void fill(long address, long length, byte value) {
        segment(address).asSlice(offset(address), length).fill(value);
    }
}
