package io.vireo.services.enclave;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** The plainest of protocols: a length of four bytes, big endian, then so many bytes; an empty message is one too. */
public final class SimpleMessageProtocol implements MessageProtocol<SimpleMessageException> {
    private static final int HEADER_SIZE = Integer.BYTES;

    private final int maxLength;

    /** @param maxLength the bytes of the longest message, at least 0 */
    public SimpleMessageProtocol(int maxLength) {
        if (maxLength < 0) {
            throw new IllegalArgumentException("messages of at most " + maxLength + " bytes");
        }
        this.maxLength = maxLength;
    }

    @Override
    public byte[] readMessage(InputStream stream) throws SimpleMessageException {
        int length;
        try {
            length = ByteBuffer.wrap(StreamEnd.readFully(stream, HEADER_SIZE)).getInt();
        } catch (IOException e) {
            throw new SimpleMessageException("reading a length", e);
        }
        requireAllowed(Integer.toUnsignedLong(length));
        try {
            return StreamEnd.readFully(stream, length);
        } catch (IOException e) {
            throw new SimpleMessageException("reading a message", e);
        }
    }

    @Override
    public void writeMessage(OutputStream stream, byte[] message) throws SimpleMessageException {
        requireAllowed(message.length);
        try {
            stream.write(ByteBuffer.allocate(HEADER_SIZE).putInt(message.length).array());
            stream.write(message);
            stream.flush();
        } catch (IOException e) {
            throw new SimpleMessageException("writing a message", e);
        }
    }

    private void requireAllowed(long length) throws SimpleMessageException {
        if (length > maxLength) {
            throw new SimpleMessageException(
                    "a message of %d bytes, at most %d are allowed".formatted(length, maxLength));
        }
    }
}
