package io.vireo.services.enclave;

import io.vireo.services.enclave.VsockProtocolException.IoError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Messages of 1 to 1,048,576 bytes behind a {@link MessageHeader}. */
public final class VsockProtocol implements MessageProtocol<VsockProtocolException> {
    /** The most bytes of a payload that are written at once. */
    public static final int MAX_WRITE = 1 << 16;

    @Override
    public byte[] readMessage(InputStream stream) throws VsockProtocolException {
        MessageHeader header = MessageHeader.decode(read(stream, MessageHeader.SIZE, "reading a header"));
        return read(stream, header.totalLength(), "reading a payload");
    }

    private static byte[] read(InputStream stream, int length, String what) throws IoError {
        try {
            return StreamEnd.readFully(stream, length);
        } catch (IOException e) {
            throw new IoError(what, e);
        }
    }

    @Override
    public void writeMessage(OutputStream stream, byte[] message) throws VsockProtocolException {
        MessageHeader header = MessageHeader.of(message.length);
        try {
            stream.write(header.encode());
            for (int at = 0; at < message.length; at += MAX_WRITE) {
                stream.write(message, at, Math.min(MAX_WRITE, message.length - at));
            }
            stream.flush();
        } catch (IOException e) {
            throw new IoError("writing a message of " + message.length + " bytes", e);
        }
    }
}
