package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.sun.management.ThreadMXBean;
import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.Errno;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.router.uplink.UplinkQueue;
import io.vireo.virtqueue.Features;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** As {@link AllocationTest}, of what goes to the host and what comes from it. */
@Tag("absolute-gate") // the bounded form allocates
class UplinkAllocationTest {
    private static final int OUTSIDE = 0xc633_6407; // 198.51.100.7
    private static final int HEADER = HostSide.HEADER;
    private static final int ROUNDS = 20_000;
    private static final int VISITS = 8;
    private static final int PACKETS = 8;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** A host that only answers, without allocating: all packets the same, and again and again the same packet. */
    private static final class Answers implements UplinkQueue {
        private static final int ROOM = 8_192;
        private static final int HEADROOM = 16;

        private final SharedMemory memory = SharedMemory.allocate("host", (long) PACKETS * ROOM, false);
        private final byte[] packet;
        private final int refusal;
        private int added;
        private int answer;
        private boolean waiting;

        /** @param refusal what it says of the first packet of a round */
        Answers(int refusal, byte[] packet) throws LinuxException {
            this.refusal = refusal;
            this.packet = packet;
        }

        void beginRound() {
            answer = refusal;
            waiting = packet.length > 0;
        }

        @Override
        public void start() {}

        @Override
        public boolean takesUdpSuperFrames() {
            return true;
        }

        @Override
        public int add(long[] addresses, int[] lengths, int pieces) {
            return added++;
        }

        @Override
        public void flush() {
            added = 0;
        }

        @Override
        public void abandon() {
            added = 0;
        }

        @Override
        public int result(int number) {
            int result = answer;
            answer = TAKEN;
            return result;
        }

        @Override
        public Fd readable() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void noteReadable() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean mayHavePackets() {
            return waiting;
        }

        @Override
        public int read() {
            waiting = false;
            for (int i = 0; i < PACKETS; i++) {
                MemorySegment.copy(packet, 0, HostMemory.ALL, ValueLayout.JAVA_BYTE, address(i), packet.length);
            }
            return PACKETS;
        }

        @Override
        public long address(int number) {
            return memory.address() + (long) number * ROOM + HEADROOM;
        }

        @Override
        public int length(int number) {
            return packet.length;
        }

        @Override
        public int failure() {
            return 0;
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    /** A frame that a guest sends, or a packet that it gets; both begin with their virtio-net header. */
    record Traffic(
            String name,
            int refusal,
            UplinkCounter shownBy,
            Function<Guest, byte[]> sent,
            Function<Guest, byte[]> got) {
        static Traffic out(String name, int refusal, UplinkCounter shownBy, Function<Guest, byte[]> frame) {
            return new Traffic(name, refusal, shownBy, frame, a -> new byte[0]);
        }

        static Traffic in(String name, Function<Guest, byte[]> packet) {
            return new Traffic(name, 0, UplinkCounter.IN_PACKETS, a -> new byte[0], packet);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Traffic> traffic() {
        return Stream.of(
                Traffic.out("plain", 0, UplinkCounter.OUT_PACKETS, a -> datagram(a, 1)),
                Traffic.out("merged", 0, UplinkCounter.OUT_MERGED, a -> datagram(a, 0)),
                Traffic.out("waiting", Errno.EAGAIN, UplinkCounter.OUT_BACKLOGGED, a -> datagram(a, 0)),
                Traffic.out(
                        "IPv6",
                        0,
                        UplinkCounter.OUT_PACKETS,
                        a -> GuestDriver.withHeader(Frames6.udp(a, Ipv6Address.parse("2001:db8:7::9"), 200))),
                Traffic.out("super-frame", 0, UplinkCounter.OUT_PACKETS, a -> segments(a, a.ipv4(), OUTSIDE, 14)),
                Traffic.in(
                        "received",
                        a -> withoutEthernet(GuestDriver.withHeader(
                                Frames.ipv4(a.mac(), Gateway.GATEWAY_MAC, OUTSIDE, a.ipv4(), 17, 64, 200)))),
                Traffic.in("received and cut", a -> withoutEthernet(segments(a, OUTSIDE, a.ipv4(), 0))));
    }

    private static byte[] datagram(Guest a, int checksum) {
        byte[] frame = Frames.udp(a, OUTSIDE, 242);
        ByteBuffer.wrap(frame).putShort(38, (short) 208).putShort(40, (short) checksum);
        return GuestDriver.withHeader(frame);
    }

    /** A TCP super-frame. What its virtio-net header counts before IP is {@code link}. */
    private static byte[] segments(Guest a, int source, int destination, int link) {
        byte[] frame = Frames.ipv4(Gateway.GATEWAY_MAC, a.mac(), source, destination, 6, 64, 54 + 3000);
        frame[46] = 0x50; // five words of header
        frame[47] = 0x10; // an acknowledgement
        byte[] bytes = GuestDriver.withHeader(frame);
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 1)
                .put((byte) 1)
                .putShort((short) (40 + link))
                .putShort((short) 1400)
                .putShort((short) (20 + link))
                .putShort((short) 16);
        return bytes;
    }

    private static byte[] withoutEthernet(byte[] bytes) {
        byte[] packet = new byte[bytes.length - Frames.ETHERNET];
        System.arraycopy(bytes, 0, packet, 0, HEADER);
        System.arraycopy(bytes, HEADER + Frames.ETHERNET, packet, HEADER, packet.length - HEADER);
        return packet;
    }

    @ParameterizedTest
    @MethodSource("traffic")
    void allocatesNothing(Traffic traffic) throws Exception {
        try (DataPlane plane = DataPlane.withUplink()) {
            Guest a = plane.guest(plane.network, Features.NET_MRG_RXBUF | Features.NET_CSUM | Features.NET_HOST_TSO4);
            a.tx.requestInterrupts(false); // what a system call costs is not the uplink's
            a.rx.requestInterrupts(false);
            byte[] sent = traffic.sent.apply(a);
            HostSide unused = plane.host();
            Answers host = new Answers(traffic.refusal, traffic.got.apply(a));
            plane.uplink.use(host);
            unused.close();
            long least = Long.MAX_VALUE;
            for (int i = 0; i < ROUNDS && least > 0; i++) {
                least = Math.min(least, round(plane, a, host, sent));
            }
            assertEquals(0, least);
            assertNotEquals(0, plane.uplink.counter(traffic.shownBy));
            assertEquals(0, plane.uplink.counter(UplinkCounter.IN_DROP_OFFLOAD));
            assertEquals(0, a.port.counter(Counter.TX_DROP_OFFLOAD));
            assertEquals(sent.length > 0, a.port.counter(Counter.RX_FRAMES) == 0);
        }
    }

    /** Some packets. @return bytes that the visits allocated */
    private long round(DataPlane plane, Guest a, Answers host, byte[] sent) {
        long bytes = 0;
        for (int i = 0; i < VISITS; i++) {
            a.post(a.rx.freeDescriptors(), 2000);
            for (int n = 0; n < PACKETS && sent.length > 0; n++) {
                a.sendRaw(sent);
            }
            host.beginRound();
            long before = threads.getCurrentThreadAllocatedBytes();
            plane.visit(a);
            plane.forwarder.serveUplink();
            plane.forwarder.serveUplink();
            bytes += threads.getCurrentThreadAllocatedBytes() - before;
            a.transmitted();
            a.receiveFrames();
        }
        return bytes;
    }
}
