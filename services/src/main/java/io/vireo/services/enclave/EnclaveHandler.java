package io.vireo.services.enclave;

import java.io.IOException;

/** What the host makes of an enclave's messages. Called by many threads at a time, for each connection by one. */
@FunctionalInterface
public interface EnclaveHandler {
    /** Sends each message back. */
    EnclaveHandler ECHO = message -> message;

    /**
     * Answers a message.
     *
     * @param message 1 to {@link MessageHeader#MAX_TOTAL_LENGTH} bytes, the handler's to keep
     * @return as many
     * @throws IOException if there is no answer, which ends the connection
     */
    byte[] handle(byte[] message) throws IOException;
}
