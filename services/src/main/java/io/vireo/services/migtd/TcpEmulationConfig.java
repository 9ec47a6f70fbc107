package io.vireo.services.migtd;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How {@link TcpTdxCalls} reaches the other side.
 *
 * @param remoteAddress of the other side
 * @param connectionTimeout of one attempt to connect
 * @param operationTimeout of one call
 * @param maxRetries attempts to connect after the first
 * @param framing which is the other side's; not {@link MigTdFraming#RAW}
 */
public record TcpEmulationConfig(
        InetSocketAddress remoteAddress,
        Duration connectionTimeout,
        Duration operationTimeout,
        int maxRetries,
        MigTdFraming framing) {
    public static final TcpEmulationConfig DEFAULT = new TcpEmulationConfig(
            InetSocketAddress.createUnresolved("127.0.0.1", 9001),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            3,
            MigTdFraming.PACKET);

    public TcpEmulationConfig {
        if (connectionTimeout.toMillis() <= 0 || operationTimeout.toMillis() <= 0) {
            throw new IllegalArgumentException("a timeout of nothing");
        }
        if (maxRetries < 0) {
            throw new IllegalArgumentException(maxRetries + " retries");
        }
        if (framing == MigTdFraming.RAW) {
            throw new IllegalArgumentException("a stream without framing has no messages");
        }
    }
}
