package io.vireo.harness.guests;

import java.io.IOException;

/** A guest that did not start, died, or did not do what it was told in time; the message shows the end of its console. */
public final class GuestException extends IOException {
    private static final long serialVersionUID = 1L;

    public GuestException(String message) {
        super(message);
    }
}
