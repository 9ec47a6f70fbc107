package io.vireo.benchmarks;

import io.vireo.virtqueue.Features;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
 * TCP frames of eight segments each from one guest to another: to a receiver that takes them whole, and to one for whom they
 * are cut, each segment with its own checksums. An operation is one segment, however it arrives.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class SuperFrameBenchmark {
    private static final int FRAMES = 16;
    private static final int SEGMENTS = 8;
    private static final int SEGMENT_SIZE = 1448;
    private static final int VIRTIO_NET_HEADER = 12;
    private static final int IPV4 = VIRTIO_NET_HEADER + 14;
    private static final int TCP = IPV4 + 20;
    private static final int TCP_HEADER = 20;
    private static final int UDP_HEADER = 8;
    private static final long SENDER = Features.NET_CSUM | Features.NET_HOST_TSO4;

    /** What the receiver takes, and in how many buffers of 2 KiB each frame arrives there. */
    public enum Receiver {
        WHOLE(Features.NET_GUEST_CSUM | Features.NET_GUEST_TSO4, 6),
        SEGMENTED(0, SEGMENTS);

        private final long features;
        private final int buffers;

        Receiver(long features, int buffers) {
            this.features = features;
            this.buffers = buffers;
        }
    }

    @Param
    private Receiver receiver = Receiver.WHOLE;

    @Param
    private RingFormat rings = RingFormat.SPLIT;

    private GuestPair guests;

    @Setup(Level.Trial)
    public void setUp() throws IOException {
        guests = new GuestPair(superFrame(), SENDER | rings.features, receiver.features | rings.features);
    }

    /** A datagram's frame with a TCP header in place of the UDP header, and a virtio-net header that asks to have it cut. */
    private static byte[] superFrame() {
        byte[] packet = GuestPair.packet(TCP_HEADER - UDP_HEADER + SEGMENTS * SEGMENT_SIZE);
        ByteBuffer.wrap(packet)
                .order(ByteOrder.LITTLE_ENDIAN) // virtio 1.3, 5.1.6: NEEDS_CSUM, TCPV4, the rest
                .put(0, (byte) 1)
                .put(1, (byte) 1)
                .putShort(2, (short) (TCP + TCP_HEADER - VIRTIO_NET_HEADER))
                .putShort(4, (short) SEGMENT_SIZE)
                .putShort(6, (short) (TCP - VIRTIO_NET_HEADER))
                .putShort(8, (short) 16);
        ByteBuffer frame = ByteBuffer.wrap(packet);
        frame.put(IPV4 + 9, (byte) 6).putShort(IPV4 + 10, (short) 0).putShort(IPV4 + 10, headerChecksum(frame));
        frame.putInt(TCP + 4, 0)
                .putInt(TCP + 8, 0)
                .putInt(TCP + 12, 0x5010_ffff)
                .putInt(TCP + 16, 0);
        return packet;
    }

    private static short headerChecksum(ByteBuffer frame) {
        int sum = 0;
        for (int i = IPV4; i < TCP; i += Short.BYTES) {
            sum += Short.toUnsignedInt(frame.getShort(i));
        }
        return (short) ~((sum & 0xffff) + (sum >>> 16));
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES * SEGMENTS)
    public int forward() {
        int received = guests.forward(FRAMES);
        if (received != FRAMES * receiver.buffers) {
            throw new IllegalStateException(received + " buffers were filled");
        }
        return received;
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        guests.close();
    }
}
