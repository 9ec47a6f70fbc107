package io.vireo.vhostuser.backend;

import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.ProtocolViolation;
import java.io.IOException;

/**
 * Who may take the place of a frontend that does not even begin.
 *
 * @param listener where others wait for it to leave
 * @param patienceMs how long it may be silent then, until it says that it owns the device
 */
record Succession(UnixSocket listener, int patienceMs) {
    static final int DEFAULT_PATIENCE_MS = 2000;

    /** Waits for the frontend; for ever, unless others wait. */
    void await(UnixSocket frontend) throws IOException {
        if (!frontend.awaitInput(patienceMs) && !frontend.awaitInputBefore(listener)) {
            throw new ProtocolViolation("silent from the start, while another frontend waits");
        }
    }
}
