package io.vireo.services.enclave;

import io.vireo.services.GuestService;
import io.vireo.services.GuestStream;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.time.Duration;

/**
 * Answers the messages of guests, one after the other, as long as they send any. A guest may be silent for any time between
 * two messages; within one it is given {@link #TIMEOUT} for each read and write.
 */
public final class EnclaveService implements GuestService {
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final EnclaveVSocket<VsockProtocolException> socket = EnclaveVSocket.createEnclaveVsocket();
    private final EnclaveHandler handler;

    public EnclaveService(EnclaveHandler handler) {
        this.handler = handler;
    }

    @Override
    public String name() {
        return "enclave";
    }

    @Override
    public void serve(GuestStream stream) throws IOException {
        PushbackInputStream input = new PushbackInputStream(stream.input());
        while (awaitMessage(input)) {
            stream.timeout(TIMEOUT);
            byte[] message = socket.readMessage(input);
            socket.writeMessage(stream.output(), handler.handle(message));
            stream.timeout(Duration.ZERO);
        }
    }

    /** False where the guest has ended between two messages, as it may. */
    private static boolean awaitMessage(PushbackInputStream input) throws IOException {
        int first = input.read();
        if (first < 0) {
            return false;
        }
        input.unread(first);
        return true;
    }
}
