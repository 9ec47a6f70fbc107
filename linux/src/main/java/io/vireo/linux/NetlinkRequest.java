package io.vireo.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes a {@link NetlinkMessage} for the kernel: a header, the fixed part of the body, then attributes. */
final class NetlinkRequest {
    private static final int MAX_SIZE = 256;
    private static final int NESTED = 1 << 15;

    private final ByteBuffer bytes = ByteBuffer.allocate(MAX_SIZE).order(ByteOrder.nativeOrder());

    NetlinkRequest(int type, int flags, int sequence) {
        bytes.putInt(0)
                .putShort((short) type)
                .putShort((short) (flags | NetlinkMessage.REQUEST))
                .putInt(sequence)
                .putInt(0);
    }

    NetlinkRequest u8(int... values) {
        for (int value : values) {
            bytes.put((byte) value);
        }
        return this;
    }

    NetlinkRequest u32(int value) {
        bytes.putInt(value);
        return this;
    }

    NetlinkRequest attribute(int type, byte[] value) {
        int start = begin(type);
        bytes.put(value);
        return end(start);
    }

    NetlinkRequest attribute(int type, int value) {
        int start = begin(type);
        bytes.putInt(value);
        return end(start);
    }

    NetlinkRequest attribute(int type, byte value) {
        int start = begin(type);
        bytes.put(value);
        return end(start);
    }

    NetlinkRequest attribute(int type, String value) {
        return attribute(type, (value + '\0').getBytes(StandardCharsets.UTF_8));
    }

    /** Begins an attribute that holds those written before {@link #end}. */
    int beginNested(int type) {
        return begin(type | NESTED);
    }

    private int begin(int type) {
        int start = bytes.position();
        bytes.putShort((short) 0).putShort((short) type);
        return start;
    }

    /** @param start what the attribute's beginning returned */
    NetlinkRequest end(int start) {
        bytes.putShort(start, (short) (bytes.position() - start));
        while (bytes.position() % Integer.BYTES != 0) {
            bytes.put((byte) 0);
        }
        return this;
    }

    byte[] toBytes() {
        bytes.putInt(0, bytes.position());
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
