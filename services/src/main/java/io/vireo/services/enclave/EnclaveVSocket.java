package io.vireo.services.enclave;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * Sends and receives messages over any pair of streams, whatever their format is.
 *
 * @param <E> how the protocol fails
 */
public final class EnclaveVSocket<E extends Exception> {
    private final MessageProtocol<E> protocol;

    public EnclaveVSocket(MessageProtocol<E> protocol) {
        this.protocol = protocol;
    }

    /** One that speaks the {@link VsockProtocol}. */
    public static EnclaveVSocket<VsockProtocolException> createEnclaveVsocket() {
        return new EnclaveVSocket<>(new VsockProtocol());
    }

    /** Waits for a whole message and returns it. */
    public byte[] readMessage(InputStream stream) throws E {
        return protocol.readMessage(stream);
    }

    /** Writes a message, however large, or none of it. */
    public void writeMessage(OutputStream stream, byte[] message) throws E {
        protocol.writeMessage(stream, message);
    }
}
