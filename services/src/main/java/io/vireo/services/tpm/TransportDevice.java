package io.vireo.services.tpm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import tss.TpmDevice;

/** What the TPM library sends its commands through. Errors leave it as {@link UncheckedIOException}. */
final class TransportDevice extends TpmDevice {
    private final TpmTransport transport;
    private byte[] response = {};
    private boolean sent;

    TransportDevice(TpmTransport transport) {
        this.transport = transport;
    }

    @Override
    public boolean connect() {
        return true;
    }

    @Override
    public void close() {}

    /** A new command begins, which may be sent once. */
    void begin() {
        sent = false;
    }

    @Override
    public void dispatchCommand(byte[] command) {
        if (sent) {
            // The library sends a command again, without a pause and without an end, whatever bits it takes for a wish
            // for that.
            throw new UncheckedIOException(new IOException("the TPM is busy (TPM_RC_RETRY)"));
        }
        sent = true;
        try {
            response = transport.transact(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public byte[] getResponse() {
        return response;
    }

    /** The last response's content, of a command without sessions. */
    ByteBuffer parametersOfResponse() {
        return ByteBuffer.wrap(
                response, TpmTransport.Response.HEADER_SIZE, response.length - TpmTransport.Response.HEADER_SIZE);
    }

    @Override
    public boolean responseReady() {
        return response.length > 0;
    }
}
