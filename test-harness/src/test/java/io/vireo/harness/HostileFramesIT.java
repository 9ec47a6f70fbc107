package io.vireo.harness;

import static io.vireo.harness.RawFrontend.TRANSMIT;
import static io.vireo.harness.RawMemory.BUFFERS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.RawFrontend.Buffer;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rings in which all is allowed, with frames in them that are not, or in pieces that nobody would expect. */
@Timeout(60)
class HostileFramesIT {
    private static final int QUEUES = 2;
    private static final int PAYLOAD = 200;
    private static final long OFFLOADS = Features.NET_CSUM | Features.NET_HOST_TSO4 | Features.NET_HOST_USO;
    private static final int HEADER = VirtioNetHeader.SIZE;
    private static final int ETHERNET_AND_IPV4 = 34;

    private static HostileBench bench;

    @BeforeAll
    static void start() throws Exception {
        bench = new HostileBench();
    }

    @AfterAll
    static void stop() throws Exception {
        bench.close();
    }

    @AfterEach
    void othersNoticeNothing() throws Exception {
        bench.others().assertUnharmed();
    }

    /** What becomes of a good packet that lies at {@link RawMemory#BUFFERS}. */
    interface Deed {
        void by(RawFrontend guest, byte[] packet);
    }

    record Packet(String what, Deed deed) {
        /** Only so many bytes, or more than there are. */
        static Packet ofLength(String what, int length) {
            return new Packet(what, (guest, packet) -> guest.offer(TRANSMIT, Buffer.readable(BUFFERS, length)));
        }

        /** With another virtio-net header. */
        static Packet asking(String what, int flags, int type, int gsoSize, int start, int offset) {
            return new Packet(what, (guest, packet) -> {
                byte[] header = {
                    (byte) flags,
                    (byte) type,
                    0,
                    0,
                    (byte) gsoSize,
                    (byte) (gsoSize >> 8),
                    (byte) start,
                    (byte) (start >> 8),
                    (byte) offset,
                    (byte) (offset >> 8)
                };
                System.arraycopy(header, 0, packet, 0, header.length);
                guest.send(TRANSMIT, packet);
            });
        }

        @Override
        public String toString() {
            return what;
        }
    }

    private static Stream<Arguments> inBothFormats(Stream<Packet> packets) {
        return packets.flatMap(packet ->
                Stream.of(Arguments.of("split", 0L, packet), Arguments.of("packed", Features.RING_PACKED, packet)));
    }

    static Stream<Arguments> badPackets() {
        int sum = VirtioNetHeader.F_NEEDS_CSUM;
        int tcp = VirtioNetHeader.GSO_TCPV4;
        return inBothFormats(Stream.of(
                new Packet("no bytes", (guest, packet) -> guest.offer(TRANSMIT, Buffer.readable(-1, 0))),
                Packet.ofLength("a byte", 1),
                Packet.ofLength("not quite a virtio-net header", 11),
                Packet.ofLength("a virtio-net header alone", HEADER),
                Packet.ofLength("a frame of 13 bytes", HEADER + 13),
                Packet.ofLength("a frame of 70,000 bytes", HEADER + 70_000),
                Packet.ofLength("a frame as long as a region", (int) RawMemory.REGION),
                new Packet(
                        "a frame of 70,000 bytes in pieces",
                        (guest, packet) -> guest.offer(
                                TRANSMIT,
                                IntStream.range(0, 100)
                                        .mapToObj(i -> Buffer.readable(BUFFERS + 700L * i, 700))
                                        .toArray(Buffer[]::new))),
                Packet.asking("a checksum beyond the frame", sum, 0, 0, 5000, 6),
                Packet.asking("a checksum field beyond the frame", sum, 0, 0, ETHERNET_AND_IPV4, 5000),
                Packet.asking("a checksum over its own headers", sum, 0, 0, 0, 6),
                Packet.asking("segments of no bytes", sum, tcp, 0, ETHERNET_AND_IPV4, 16),
                Packet.asking("segments without a checksum", 0, tcp, 1000, 0, 0),
                Packet.asking("segments of TCP in a datagram", sum, tcp, 1000, ETHERNET_AND_IPV4, 16),
                Packet.asking("segments of an unknown kind", sum, 77, 1000, ETHERNET_AND_IPV4, 6)));
    }

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("badPackets")
    void aBadPacketIsDroppedAndTheNextOneIsNot(String format, long features, Packet packet) throws Exception {
        try (RawFrontend guest = bench.attach(features | OFFLOADS, QUEUES)) {
            bench.assertServed(guest);
            long before = bench.drops();
            offer(guest, packet);
            bench.assertServed(guest);
            assertEquals(before + 1, bench.drops());
        }
    }

    private static void offer(RawFrontend guest, Packet packet) {
        byte[] good = bench.datagram(PAYLOAD);
        guest.memory.write(BUFFERS, good);
        packet.deed.by(guest, good);
        guest.awaitUsed(TRANSMIT);
    }

    /** A packet cut into buffers of this size, with buffers of no bytes and impossible addresses between them. */
    private static Packet cut(int size) {
        return new Packet("in buffers of " + size, (guest, packet) -> {
            Buffer[] buffers = new Buffer[2 * Math.ceilDiv(packet.length, size)];
            for (int i = 0; i < buffers.length; i += 2) {
                int from = i / 2 * size;
                buffers[i] = Buffer.readable(BUFFERS + from, Math.min(size, packet.length - from));
                buffers[i + 1] = Buffer.readable(-1, 0);
            }
            guest.offer(TRANSMIT, buffers);
        });
    }

    static Stream<Arguments> strangePackets() {
        return inBothFormats(Stream.of(
                cut(4),
                cut(HEADER),
                cut(100),
                new Packet(
                        "each byte of the header by itself",
                        (guest, packet) -> guest.offer(
                                TRANSMIT,
                                IntStream.rangeClosed(0, HEADER)
                                        .mapToObj(i ->
                                                Buffer.readable(BUFFERS + i, i < HEADER ? 1 : packet.length - HEADER))
                                        .toArray(Buffer[]::new)))));
    }

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("strangePackets")
    void aPacketInStrangePiecesIsDelivered(String format, long features, Packet packet) throws Exception {
        try (RawFrontend guest = bench.attach(features, QUEUES)) {
            offer(guest, packet);
            bench.expectDatagram(PAYLOAD);
        }
    }

    /** 2.8.1: only flags that differ say that a descriptor is available, and which of them depends on the lap. */
    @ParameterizedTest
    @ValueSource(ints = {0x8080, 0x8000, 0})
    void aPackedDescriptorThatIsNotAvailableWaits(int flags) throws Exception {
        try (RawFrontend guest = bench.attach(Features.RING_PACKED, QUEUES)) {
            byte[] packet = bench.datagram(PAYLOAD);
            guest.memory.write(BUFFERS, packet);
            guest.memory.forge(TRANSMIT, 0, BUFFERS, packet.length, 0, flags);
            guest.kick();
            guest.sync();
            bench.others().assertUnharmed();
            guest.offer(TRANSMIT, Buffer.readable(BUFFERS, packet.length));
            guest.awaitUsed(TRANSMIT);
            bench.expectDatagram(PAYLOAD);
        }
    }
}
