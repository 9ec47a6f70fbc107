package io.vireo.protocols.dhcp;

import java.io.Serial;

/**
 * A received message breaks its format; the message says what is wrong, and at which byte. It carries no stack trace:
 * a guest can cause as many as it likes, and where ours was tells nothing.
 */
public final class DhcpFormatException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    DhcpFormatException(String message) {
        super(message, null, false, false);
    }
}
