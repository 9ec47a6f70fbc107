package io.vireo.harness.guests;

import java.io.IOException;

/** A guest, or what it needs on the host, has failed; the message says how and quotes the console where there is one. */
public final class GuestException extends IOException {
    private static final long serialVersionUID = 1;

    GuestException(String message) {
        super(message);
    }

    /** For a thread that is interrupted while it waits for a guest or a program; the thread stays interrupted. */
    static GuestException interrupted(String what) {
        Thread.currentThread().interrupt();
        return new GuestException("interrupted while waiting for " + what);
    }
}
