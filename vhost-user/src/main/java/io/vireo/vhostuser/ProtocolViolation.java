package io.vireo.vhostuser;

import java.io.IOException;

/** The other end broke the vhost-user protocol; the message says how. The session ends. */
public final class ProtocolViolation extends IOException {
    private static final long serialVersionUID = 1L;

    public ProtocolViolation(String message) {
        super(message);
    }

    public ProtocolViolation(String message, Throwable cause) {
        super(message, cause);
    }
}
