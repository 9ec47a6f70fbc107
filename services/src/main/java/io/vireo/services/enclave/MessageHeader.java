package io.vireo.services.enclave;

import io.vireo.services.enclave.VsockProtocolException.InvalidMagicBytesError;
import io.vireo.services.enclave.VsockProtocolException.InvalidTotalLengthError;
import io.vireo.services.enclave.VsockProtocolException.MessageTooLargeError;
import java.nio.ByteBuffer;

/**
 * What stands before each payload of the {@link VsockProtocol}.
 *
 * <pre>
 *  0               4               8
 * +---------------+---------------+
 * | V   S   O   K | length, big   |
 * |               | endian        |
 * +---------------+---------------+
 * </pre>
 *
 * @param totalLength the bytes of the payload, 1 to {@value #MAX_TOTAL_LENGTH}
 */
public record MessageHeader(int totalLength) {
    /** The bytes of a header. */
    public static final int SIZE = 8;
    /** The longest payload. */
    public static final int MAX_TOTAL_LENGTH = 1 << 20;

    private static final int MAGIC = 0x56534f4b; // "VSOK"

    public MessageHeader {
        if (totalLength < 1 || totalLength > MAX_TOTAL_LENGTH) {
            throw new IllegalArgumentException("a length of " + totalLength);
        }
    }

    /** The header of a payload of that many bytes, if there may be one. */
    static MessageHeader of(int totalLength) throws VsockProtocolException {
        if (totalLength > MAX_TOTAL_LENGTH) {
            throw new MessageTooLargeError(totalLength);
        }
        if (totalLength == 0) {
            throw new InvalidTotalLengthError();
        }
        return new MessageHeader(totalLength);
    }

    /**
     * Reads a header.
     *
     * @param bytes {@value #SIZE} of them
     */
    public static MessageHeader decode(byte[] bytes) throws VsockProtocolException {
        if (bytes.length != SIZE) {
            throw new IllegalArgumentException("a header of " + bytes.length + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int magic = buffer.getInt();
        if (magic != MAGIC) {
            throw new InvalidMagicBytesError(magic);
        }
        long length = Integer.toUnsignedLong(buffer.getInt());
        if (length == 0) {
            throw new InvalidTotalLengthError();
        }
        if (length > MAX_TOTAL_LENGTH) {
            throw new MessageTooLargeError(length);
        }
        return new MessageHeader((int) length);
    }

    /** The header's {@value #SIZE} bytes. */
    public byte[] encode() {
        return ByteBuffer.allocate(SIZE).putInt(MAGIC).putInt(totalLength).array();
    }
}
