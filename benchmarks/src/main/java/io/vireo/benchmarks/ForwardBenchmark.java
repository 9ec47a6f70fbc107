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
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A batch of UDP frames from one guest to another, source checks and counters included. Both guests' drivers are part of the
 * figure: they offer and take back each buffer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class ForwardBenchmark {
    private static final int VIRTIO_NET_HEADER = 12;
    private static final int HEADERS = 42;
    /** An Ethernet frame's check sequence, which virtio leaves out: frames of 64 bytes on a wire have 60 here. */
    private static final int CHECK_SEQUENCE = 4;

    /** Bytes of the frame as it would be on a wire; 1500 is the largest whose IP packet keeps the MTU with room to spare. */
    @Param({"64", "512", "1500"})
    private int frameSize;

    private BenchmarkGuest from;
    private BenchmarkGuest to;
    private SharedMemory slots;
    private Doorbell doorbell;
    private Forwarder forwarder;
    private int length;

    @Setup(Level.Trial)
    public void setUp() throws IOException {
        Network network = BenchmarkGuest.network();
        from = guest(network, "10.0.0.5", "52:54:00:12:34:01");
        to = guest(network, "10.0.0.6", "52:54:00:12:34:02");
        slots = SharedMemory.allocate("slots", FrameBatch.MEMORY_SIZE, false);
        doorbell = new Doorbell();
        forwarder = new Forwarder(new FrameBatch(slots.address()), new NoSlowPath(), doorbell);
        byte[] packet = Packets.createUdp(
                Packets.mac("52:54:00:12:34:01"),
                new Mac(Gateway.GATEWAY_MAC),
                Packets.ip("10.0.0.5"),
                Packets.ip("10.0.0.6"),
                7,
                7,
                new byte[frameSize - CHECK_SEQUENCE - HEADERS],
                64);
        length = packet.length;
        if (length != VIRTIO_NET_HEADER + frameSize - CHECK_SEQUENCE) {
            throw new IllegalStateException("a packet of " + length + " bytes");
        }
        from.loadTransmitBuffers(packet);
    }

    private static BenchmarkGuest guest(Network network, String ipv4, String mac) throws IOException {
        return new BenchmarkGuest(
                ipv4, network, Packets.mac(mac).value(), Ipv4Address.parse(ipv4).value());
    }

    @Benchmark
    @OperationsPerInvocation(FrameBatch.MAX_FRAMES)
    public int forward() {
        from.send(FrameBatch.MAX_FRAMES, length);
        forwarder.visit(from.port());
        from.reap();
        int received = to.receive();
        if (received != FrameBatch.MAX_FRAMES) {
            throw new IllegalStateException(received + " frames arrived");
        }
        return received;
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        from.close();
        to.close();
        slots.close();
        doorbell.close();
    }

    /** Nothing here takes the slow path. */
    static final class NoSlowPath implements SlowPath {
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
