package io.vireo.benchmarks;

import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.Doorbell;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.router.dataplane.Forwarder;
import io.vireo.router.dataplane.FrameBatch;
import io.vireo.router.dataplane.Network;
import java.io.IOException;

/** A guest that sends, one that receives, and a forwarder of their own. Confined to one thread at a time. */
final class GuestPair implements AutoCloseable {
    private static final String FROM = "10.0.0.5";
    private static final String TO = "10.0.0.6";
    private static final String FROM_MAC = "52:54:00:12:34:01";
    private static final String TO_MAC = "52:54:00:12:34:02";
    private static final int HEADERS = 42;
    private static final int CHECK_SEQUENCE = 4;

    private final Network network = BenchmarkGuest.network();
    private final BenchmarkGuest from = guest(FROM, FROM_MAC);
    private final BenchmarkGuest to = guest(TO, TO_MAC);
    private final SharedMemory slots = SharedMemory.allocate("slots", FrameBatch.MEMORY_SIZE, false);
    private final Doorbell doorbell = new Doorbell();
    private final Forwarder forwarder =
            new Forwarder(new FrameBatch(slots.address()), new ForwardBenchmark.NoSlowPath(), doorbell);
    private final int length;
    private int number;

    /** @param frame bytes of a frame on a wire */
    GuestPair(int frame) throws IOException {
        byte[] packet = Packets.createUdp(
                Packets.mac(FROM_MAC),
                new Mac(Gateway.GATEWAY_MAC),
                Packets.ip(FROM),
                Packets.ip(TO),
                7,
                7,
                new byte[frame - CHECK_SEQUENCE - HEADERS],
                64);
        length = packet.length;
        from.loadTransmitBuffers(packet);
    }

    private BenchmarkGuest guest(String ipv4, String mac) throws IOException {
        return new BenchmarkGuest(
                ipv4, network, Packets.mac(mac).value(), Ipv4Address.parse(ipv4).value());
    }

    /** Sends a batch from one guest to the other. @return how many frames arrived, each of them in its place */
    int exchange() {
        from.sendNumbered(FrameBatch.MAX_FRAMES, length, number);
        forwarder.visit(from.port());
        from.reap();
        int received = to.receiveNumbered(length, number);
        if (received != FrameBatch.MAX_FRAMES) {
            throw new IllegalStateException(received + " frames arrived");
        }
        number += received;
        return received;
    }

    @Override
    public void close() {
        from.close();
        to.close();
        slots.close();
        doorbell.close();
    }
}
