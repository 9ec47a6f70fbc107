package io.vireo.protocols.dhcpv6;

import java.io.Serial;

/**
 * A received message breaks its format; the message says what is wrong, and at which byte. It carries no stack trace:
 * a guest can cause as many as it likes, and where ours was tells nothing.
 */
final class Dhcpv6FormatException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    Dhcpv6FormatException(String message) {
        super(message, null, false, false);
    }
}
