package io.vireo.protocols;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads and writes of unsigned big-endian fields at any alignment (network byte order, RFC 791 appendix B). Named by
 * width in bits. Writers take the low bits of their argument and ignore the rest. None allocates; an access outside the
 * segment throws {@link IndexOutOfBoundsException}, which the views rule out by {@link #contains}.
 */
public final class NetworkOrder {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(BIG_ENDIAN);

    private NetworkOrder() {}

    /** Whether {@code length} bytes from {@code offset} lie inside the segment. */
    public static boolean contains(MemorySegment segment, long offset, long length) {
        return offset >= 0 && length >= 0 && offset <= segment.byteSize() - length;
    }

    public static int u8(MemorySegment segment, long offset) {
        return segment.get(BYTE, offset) & 0xFF;
    }

    public static void u8(MemorySegment segment, long offset, int value) {
        segment.set(BYTE, offset, (byte) value);
    }

    public static int u16(MemorySegment segment, long offset) {
        return segment.get(SHORT, offset) & 0xFFFF;
    }

    public static void u16(MemorySegment segment, long offset, int value) {
        segment.set(SHORT, offset, (short) value);
    }

    /** All 32 bits; {@link Integer#toUnsignedLong} makes a number of them. */
    public static int u32(MemorySegment segment, long offset) {
        return segment.get(INT, offset);
    }

    public static void u32(MemorySegment segment, long offset, int value) {
        segment.set(INT, offset, value);
    }

    /** A MAC address. */
    public static long u48(MemorySegment segment, long offset) {
        return (long) u16(segment, offset) << 32 | Integer.toUnsignedLong(u32(segment, offset + 2));
    }

    public static void u48(MemorySegment segment, long offset, long value) {
        u16(segment, offset, (int) (value >>> 32));
        u32(segment, offset + 2, (int) value);
    }

    public static long u64(MemorySegment segment, long offset) {
        return segment.get(LONG, offset);
    }

    public static void u64(MemorySegment segment, long offset, long value) {
        segment.set(LONG, offset, value);
    }
}
