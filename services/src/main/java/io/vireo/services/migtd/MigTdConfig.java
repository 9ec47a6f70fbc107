package io.vireo.services.migtd;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A relay between a port that guests connect to and a TCP peer: the one side of a migration listens for the other, which
 * connects; exactly one of the two is given. Addresses may be names, looked up when they are used.
 *
 * @param port of vsock, at the host
 * @param connect where the other side listens
 * @param listen where the other side connects to
 * @param framing of the guests, and so of both sides
 */
public record MigTdConfig(
        int port,
        @Nullable InetSocketAddress connect,
        @Nullable InetSocketAddress listen,
        MigTdFraming framing) {
    /** How long a guest waits for the other side, and the other side for a guest. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    public MigTdConfig {
        if ((connect == null) == (listen == null)) {
            throw new IllegalArgumentException("either connect or listen, one of them");
        }
    }
}
