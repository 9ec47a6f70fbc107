package io.vireo.services.tpm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import tss.TpmDevice;
import tss.tpm.TPM_RC;

/** What the TPM library sends its commands through. Errors leave it as {@link UncheckedIOException}. */
final class TransportDevice extends TpmDevice {
    private static final int CODE_OFFSET = 6;

    private final TpmTransport transport;
    private byte[] response = {};

    TransportDevice(TpmTransport transport) {
        this.transport = transport;
    }

    @Override
    public boolean connect() {
        return true;
    }

    @Override
    public void close() {}

    @Override
    public void dispatchCommand(byte[] command) {
        try {
            response = transport.transact(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (ByteBuffer.wrap(response).getInt(CODE_OFFSET) == TPM_RC.RETRY.toInt()) {
            // The library would send the command again, without a pause and without an end.
            throw new UncheckedIOException(new IOException("the TPM is busy (TPM_RC_RETRY)"));
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
