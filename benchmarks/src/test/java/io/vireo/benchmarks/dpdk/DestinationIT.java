package io.vireo.benchmarks.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.benchmarks.support.Cleanup;
import io.vireo.harness.OwnNamespace;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Datagrams over the loopback interface of a network namespace, each of which is counted. Takes root and nft. */
@Timeout(60)
class DestinationIT {
    private static final int DATAGRAMS = 1000;

    private static void send(int port) throws Exception {
        try (DatagramChannel channel = DatagramChannel.open()) {
            for (int i = 0; i < DATAGRAMS; i++) {
                channel.send(ByteBuffer.allocate(22), new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(UplinkLoad.class)
    void everyDatagramIsCountedOnce(UplinkLoad load) throws Exception {
        OwnNamespace.run(() -> {
            Tool.ip("link set lo up");
            try (Cleanup cleanup = new Cleanup()) {
                Destination destination = load.open(cleanup);
                send(Destination.PORT);
                OwnNamespace.eventually(() -> destination.datagrams() >= DATAGRAMS, "the arrival of all");
                assertEquals(DATAGRAMS, destination.datagrams());
            }
        });
    }

    @Test
    void whatIsForOthersIsNotCounted() throws Exception {
        OwnNamespace.run(() -> {
            Tool.ip("link set lo up");
            DropRule rule = DropRule.install();
            send(Destination.PORT + 1);
            assertEquals(0, rule.datagrams());
        });
    }
}
