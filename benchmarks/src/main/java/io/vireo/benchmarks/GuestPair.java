package io.vireo.benchmarks;

import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.Doorbell;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.router.dataplane.Forwarder;
import io.vireo.router.dataplane.FrameBatch;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.dataplane.Network;
import io.vireo.router.dataplane.SlowPath;
import io.vireo.virtqueue.device.RingFault;
import java.io.IOException;

/** A guest that sends, one that receives, and a forwarder of their own. Confined to one thread at a time. */
final class GuestPair implements AutoCloseable {
    private static final String FROM = "10.0.0.5";
    private static final String TO = "10.0.0.6";
    private static final String FROM_MAC = "52:54:00:12:34:01";
    private static final String TO_MAC = "52:54:00:12:34:02";
    private static final int VIRTIO_NET_HEADER = 12;
    private static final int HEADERS = 42;
    /** An Ethernet frame's check sequence, which virtio leaves out: frames of 64 bytes on a wire have 60 here. */
    private static final int CHECK_SEQUENCE = 4;

    private final Network network = BenchmarkGuest.network();
    private final BenchmarkGuest from;
    private final BenchmarkGuest to;
    private final SharedMemory slots = SharedMemory.allocate("slots", FrameBatch.MEMORY_SIZE, false);
    private final Doorbell doorbell = new Doorbell();
    private final Forwarder forwarder = new Forwarder(new FrameBatch(slots.address()), new NoSlowPath(), doorbell);
    private final int length;
    private int number;

    /**
     * @param packet that is sent again and again, from its virtio-net header on
     * @param sender features that the sender negotiated, besides those that all have
     * @param receiver the same of the receiver
     */
    GuestPair(byte[] packet, long sender, long receiver) throws IOException {
        length = packet.length;
        from = guest(FROM, FROM_MAC, sender);
        to = guest(TO, TO_MAC, receiver);
        from.loadTransmitBuffers(packet);
    }

    private BenchmarkGuest guest(String ipv4, String mac, long features) throws IOException {
        int address = Ipv4Address.parse(ipv4).value();
        return new BenchmarkGuest(ipv4, network, Packets.mac(mac).value(), address, features, length);
    }

    /**
     * A datagram from the one to the other.
     *
     * @param frame bytes of the frame on a wire
     */
    static byte[] datagram(int frame) {
        byte[] packet = packet(frame - CHECK_SEQUENCE - HEADERS);
        if (packet.length != VIRTIO_NET_HEADER + frame - CHECK_SEQUENCE) {
            throw new IllegalStateException("a packet of " + packet.length + " bytes");
        }
        return packet;
    }

    /** The same, with so many bytes behind the UDP header. */
    static byte[] packet(int payload) {
        return Packets.createUdp(
                Packets.mac(FROM_MAC),
                new Mac(Gateway.GATEWAY_MAC),
                Packets.ip(FROM),
                Packets.ip(TO),
                7,
                7,
                new byte[payload],
                64);
    }

    /** Sends so many packets in one batch. @return in how many buffers they arrived */
    int forward(int count) {
        from.send(count, length);
        forwarder.visit(from.port());
        from.reap();
        return to.receive();
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

    /** Nothing here takes the slow path. */
    private static final class NoSlowPath implements SlowPath {
        @Override
        public boolean punt(NetPort port, FrameBatch batch, int frame) {
            throw new IllegalStateException("punted");
        }

        @Override
        public boolean spoofedMac(NetPort port, long mac) {
            throw new IllegalStateException("spoofed");
        }

        @Override
        public void portBroken(NetPort port, RingFault fault) {
            throw new IllegalStateException(fault.description());
        }
    }
}
