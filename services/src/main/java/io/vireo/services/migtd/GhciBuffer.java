package io.vireo.services.migtd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The memory that a guest shares with its host for a call (GHCI 1.5), little endian:
 *
 * <pre>
 *  0        8        12
 * +--------+--------+---------
 * | status | length | payload
 * +--------+--------+---------
 * </pre>
 *
 * <p>Of the status, byte 0 says whether the host is done, byte 1 what it asks for. The length is a claim: {@link
 * #payloadFits} compares it with the memory. Belongs to one caller at a time.
 */
public final class GhciBuffer {
    public static final int HEADER_SIZE = 12;
    /** Bytes of a buffer at most, header included. */
    public static final int MAX_SIZE = 65_536;
    /** Bytes of payload at most. */
    public static final int MAX_PAYLOAD = MAX_SIZE - HEADER_SIZE;
    /** Status of a call that has not ended. */
    public static final long PENDING = 0;
    /** Status of a call that did what it was to do. */
    public static final long DONE = 1;

    private static final int LENGTH_OFFSET = 8;

    private final ByteBuffer memory;

    /** A buffer as large as can be, zeroed. */
    public GhciBuffer() {
        this(new byte[MAX_SIZE]);
    }

    /** @param memory {@value #HEADER_SIZE} to {@value #MAX_SIZE} bytes, which stay the caller's as well */
    public GhciBuffer(byte[] memory) {
        if (memory.length < HEADER_SIZE || memory.length > MAX_SIZE) {
            throw new IllegalArgumentException("a buffer of " + memory.length + " bytes");
        }
        this.memory = ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A buffer just as large as this payload, which it holds. */
    public static GhciBuffer holding(byte[] payload) {
        GhciBuffer buffer = new GhciBuffer(new byte[HEADER_SIZE + payload.length]);
        buffer.memory.put(HEADER_SIZE, payload);
        buffer.complete(PENDING, payload.length);
        return buffer;
    }

    public long status() {
        return memory.getLong(0);
    }

    /** What the host asks for, in the status of a {@link TdxCalls#migtdWaitForRequest} that ended. */
    public int operation() {
        return (int) (status() >>> 8) & 0xff;
    }

    /** Bytes of payload as the header has it, 0 to 2^32 - 1. */
    public long length() {
        return memory.getInt(LENGTH_OFFSET) & 0xffff_ffffL;
    }

    /** Bytes of payload that there is room for. */
    public int capacity() {
        return memory.capacity() - HEADER_SIZE;
    }

    /** Whether the memory holds as much as the length says. */
    public boolean payloadFits() {
        return length() <= capacity();
    }

    /** A copy of the payload, of which {@link #payloadFits}. */
    public byte[] payload() {
        return Arrays.copyOfRange(memory.array(), HEADER_SIZE, HEADER_SIZE + (int) length());
    }

    /** Writes the header; the payload is the first {@code length} bytes after it. */
    void complete(long status, int length) {
        memory.putLong(0, status).putInt(LENGTH_OFFSET, length);
    }

    /** All bytes; the payload begins at {@value #HEADER_SIZE}. */
    byte[] array() {
        return memory.array();
    }
}
