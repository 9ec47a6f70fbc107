package io.vireo.fuzz;

import java.util.Arrays;

/**
 * An input, read from the front. Behind its end there are zeros without end, so that every input means something; numbers are
 * big-endian.
 */
public final class Input {
    private final byte[] bytes;
    private int position;

    public Input(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    public boolean hasMore() {
        return position < bytes.length;
    }

    public int u8() {
        return position < bytes.length ? bytes[position++] & 0xFF : 0;
    }

    public int u16() {
        int high = u8();
        return high << 8 | u8();
    }

    public int i32() {
        int high = u16();
        return high << 16 | u16();
    }

    public long i64() {
        long high = i32();
        return high << 32 | Integer.toUnsignedLong(i32());
    }

    /** 0 to {@code bound - 1}, of one byte. */
    public int below(int bound) {
        return u8() % bound;
    }

    public boolean flag() {
        return (u8() & 1) != 0;
    }

    /** As many as there are, up to {@code most}. */
    public byte[] take(int most) {
        int end = position + Math.min(most, bytes.length - position);
        byte[] taken = Arrays.copyOfRange(bytes, position, end);
        position = end;
        return taken;
    }

    /** All that is left. */
    public byte[] rest() {
        return take(bytes.length);
    }
}
