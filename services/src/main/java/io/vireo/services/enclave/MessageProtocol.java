package io.vireo.services.enclave;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * How messages are told apart in a stream.
 *
 * @param <E> how it fails; after a failure the stream is at no known place, and of no more use
 */
public interface MessageProtocol<E extends Exception> {
    /** Waits for a whole message and returns its payload. */
    byte[] readMessage(InputStream stream) throws E;

    /** Writes a message with this payload and flushes the stream. A payload that is not allowed leaves it untouched. */
    void writeMessage(OutputStream stream, byte[] message) throws E;
}
