package io.vireo.hugepages;

import java.io.IOException;

/** A memory table, or a file that came with it, that cannot be used; the message says which part and why. */
public final class GuestMemoryException extends IOException {
    private static final long serialVersionUID = 1L;

    public GuestMemoryException(String message) {
        super(message);
    }
}
