package io.vireo.vsock.stream;

import java.io.IOException;

/** A socket's error, which {@link #error} names. */
public final class VsockException extends IOException {
    private static final long serialVersionUID = 1;

    private final VsockError error;

    /** @param what was tried, such as {@code connect to 2:1234} */
    public VsockException(VsockError error, String what) {
        super(what + ": " + error + ", " + error.description());
        this.error = error;
    }

    public VsockError error() {
        return error;
    }
}
