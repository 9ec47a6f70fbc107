package io.vireo.services.enclave;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Reading all of something. */
final class StreamEnd {
    private StreamEnd() {}

    /**
     * Reads exactly that many bytes, into memory that grows as they come.
     *
     * @throws EOFException which says how many came, if the stream ended before
     */
    static byte[] readFully(InputStream stream, int length) throws IOException {
        byte[] bytes = stream.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the stream ended after %d of %d bytes".formatted(bytes.length, length));
        }
        return bytes;
    }
}
