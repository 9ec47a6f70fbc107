package io.vireo.fuzz;

import java.io.InputStream;
import java.util.Arrays;

/** A stream that gives no more than a piece at each read, as one from a guest may. */
public final class PiecewiseStream extends InputStream {
    private final byte[] bytes;
    private final int piece;
    private int position;

    /** @param piece bytes of each read at most, above 0 */
    public PiecewiseStream(byte[] bytes, int piece) {
        this.bytes = bytes.clone();
        this.piece = piece;
    }

    @Override
    public int read() {
        return position < bytes.length ? bytes[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        int count = Math.min(Math.min(length, piece), bytes.length - position);
        System.arraycopy(bytes, position, into, offset, count);
        position += count;
        return count == 0 ? -1 : count;
    }

    /** What was read. */
    public byte[] consumed() {
        return Arrays.copyOf(bytes, position);
    }
}
