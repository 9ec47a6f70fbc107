package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that leave something to be done: passed on so, or completed, or cut, as the receiver negotiated. */
class OffloadedTrafficTest {
    static final long SENDS = Features.NET_MRG_RXBUF
            | Features.NET_CSUM
            | Features.NET_HOST_TSO4
            | Features.NET_HOST_TSO6
            | Features.NET_HOST_ECN
            | Features.NET_HOST_USO;
    static final long TAKES_CHECKSUMS = SENDS | Features.NET_GUEST_CSUM;
    static final long TAKES_ALL = TAKES_CHECKSUMS
            | Features.NET_GUEST_TSO4
            | Features.NET_GUEST_TSO6
            | Features.NET_GUEST_ECN
            | Features.NET_GUEST_USO4
            | Features.NET_GUEST_USO6;
    private static final int SIZE = 1400;
    private static final int LONGEST = 65_535 - 20 - 32;

    private final SplittableRandom random = new SplittableRandom(7);
    private DataPlane plane;
    private Guest a;
    private boolean ipv6;

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet();
        a = plane.guest(plane.network, SENDS);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private Guest receiver(long features) throws Exception {
        return plane.guest(plane.network, features);
    }

    private OffloadFrame frame(boolean tcp, Guest to, int payload) {
        return new OffloadFrame(ipv6, tcp, payload, random).addressed(a, to);
    }

    private OffloadFrame superFrame(boolean tcp, Guest to, int payload, int size) {
        return frame(tcp, to, payload).withSegmentation(type(tcp), size);
    }

    private int type(boolean tcp) {
        if (!tcp) {
            return VirtioNetHeader.GSO_UDP_L4;
        }
        return ipv6 ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_TCPV4;
    }

    private void send(OffloadFrame... frames) {
        for (OffloadFrame frame : frames) {
            a.sendLong(frame.packet());
        }
        plane.visit(a);
        assertEquals(frames.length, a.transmitted().size());
    }

    /** A frame arrived whole, with what is left to be done said as it is. */
    private static void assertWhole(OffloadFrame sent, Guest to, int type, int size, GuestDriver.Received received) {
        byte[] expected = Frames.forwarded(sent.bytes, to);
        assertEquals(0xffff, sent.completedSum(received.frame()), "the checksum is begun");
        assertArrayEquals(sent.completed(expected), sent.completed(received.frame()));
        ByteBuffer header = ByteBuffer.allocate(10).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        header.put((byte) VirtioNetHeader.F_NEEDS_CSUM).put((byte) type);
        header.putShort((short) (size == 0 ? 0 : sent.headerLength)).putShort((short) size);
        header.putShort((short) sent.transportOffset).putShort((short) sent.checksumOffset);
        assertArrayEquals(header.array(), received.header());
    }

    private static void assertComplete(List<byte[]> expected, List<GuestDriver.Received> received) {
        assertEquals(expected.size(), received.size());
        for (int i = 0; i < expected.size(); i++) {
            assertTrue(received.get(i).isPlain());
            assertArrayEquals(expected.get(i), received.get(i).frame(), "frame " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"true,false", "false,false", "true,true", "false,true"})
    void passWholeToWhoNegotiatedThem(boolean tcp, boolean six) throws Exception {
        ipv6 = six;
        Guest b = receiver(TAKES_ALL);
        b.post(100, 1526);
        OffloadFrame longest = superFrame(tcp, b, tcp ? LONGEST : 128 * 500, tcp ? SIZE : 500);
        OffloadFrame shorter = superFrame(tcp, b, 2000, SIZE);
        OffloadFrame single = frame(tcp, b, 700);
        send(longest, shorter, single);
        List<GuestDriver.Received> received = b.receiveAny();
        assertEquals(3, received.size());
        int type = type(tcp);
        assertWhole(longest, b, type, tcp ? SIZE : 500, received.get(0));
        assertWhole(shorter, b, type, SIZE, received.get(1));
        assertWhole(single, b, VirtioNetHeader.GSO_NONE, 0, received.get(2));
        assertEquals(3, b.port.counter(Counter.RX_FRAMES));
        assertEquals(0, b.port.counter(Counter.RX_SEGMENTED) + b.port.counter(Counter.RX_CHECKSUMMED));
    }

    @ParameterizedTest
    @CsvSource({"true,false", "false,false", "true,true", "false,true"})
    void areCutAndCompletedForWhoNegotiatedNothingAndKeepTheirPlace(boolean tcp, boolean six) throws Exception {
        ipv6 = six;
        Guest b = receiver(Features.NET_MRG_RXBUF);
        b.post(80, 1526);
        OffloadFrame before = frame(tcp, b, 700);
        OffloadFrame cut = superFrame(tcp, b, tcp ? LONGEST : 60 * SIZE / 2 + 1, SIZE);
        OffloadFrame after = frame(tcp, b, 10);
        send(before, cut, after);
        List<byte[]> expected = new ArrayList<>();
        expected.add(before.completed(Frames.forwarded(before.bytes, b)));
        expected.addAll(cut.segments(Frames.forwarded(cut.bytes, b), SIZE));
        expected.add(after.completed(Frames.forwarded(after.bytes, b)));
        assertComplete(expected, b.receive());
        assertEquals(1, b.port.counter(Counter.RX_SEGMENTED));
        assertEquals(2, b.port.counter(Counter.RX_CHECKSUMMED));
        assertEquals(expected.size(), b.port.counter(Counter.RX_FRAMES));
        assertEquals(expected.stream().mapToLong(frame -> frame.length).sum(), b.port.counter(Counter.RX_BYTES));
    }

    @ParameterizedTest
    @CsvSource({"true,false", "false,false", "true,true", "false,true"})
    void areCutAndLeftToBeCompletedByWhoNegotiatedChecksumsAlone(boolean tcp, boolean six) throws Exception {
        ipv6 = six;
        Guest b = receiver(TAKES_CHECKSUMS);
        b.post(100, 1526);
        OffloadFrame cut = superFrame(tcp, b, 10 * SIZE + 1, SIZE);
        send(cut);
        List<byte[]> expected = cut.segments(Frames.forwarded(cut.bytes, b), SIZE);
        List<GuestDriver.Received> received = b.receiveAny();
        assertEquals(11, received.size());
        for (int i = 0; i < 11; i++) {
            assertEquals(VirtioNetHeader.F_NEEDS_CSUM, received.get(i).header()[0]);
            assertEquals(VirtioNetHeader.GSO_NONE, received.get(i).header()[1]);
            assertEquals(0xffff, cut.completedSum(received.get(i).frame()));
            assertArrayEquals(expected.get(i), cut.completed(received.get(i).frame()));
        }
    }

    @Test
    void areIgnoredWhereTheSenderNegotiatedNothing() throws Exception {
        Guest plain = receiver(Features.NET_MRG_RXBUF);
        a.post(10, 1526);
        OffloadFrame frame = new OffloadFrame(false, true, 100, random).addressed(plain, a);
        plain.sendLong(frame.packet());
        plane.visit(plain);
        List<GuestDriver.Received> received = a.receiveAny();
        assertEquals(1, received.size(), "an ordinary frame, whatever its header says");
    }

    static Stream<Arguments> hostileSeeds() {
        return Stream.of(1L, 2L, 3L)
                .flatMap(seed ->
                        Stream.of(TAKES_ALL, Features.NET_MRG_RXBUF).map(features -> Arguments.of(seed, features)));
    }

    @ParameterizedTest
    @MethodSource("hostileSeeds")
    void passOrAreDroppedAndCountedWhateverTheirHeadersSay(long seed, long features) throws Exception {
        SplittableRandom hostile = new SplittableRandom(seed);
        Guest b = receiver(features);
        int arrived = 0;
        for (int round = 0; round < 3000; round++) {
            b.post(b.rx.freeDescriptors(), 1526);
            OffloadFrame frame = superFrame(hostile.nextBoolean(), b, hostile.nextInt(6000), 1 + hostile.nextInt(1500));
            byte[] packet = frame.packet();
            for (int i = hostile.nextInt(3); i >= 0; i--) {
                packet[hostile.nextInt(VirtioNetHeader.SIZE + frame.headerLength)] = (byte) hostile.nextInt();
            }
            a.sendLong(packet);
            plane.visit(a);
            assertEquals(1, a.transmitted().size());
            for (GuestDriver.Received received : b.receiveAny()) {
                arrived += received.frame().length > 0 ? 1 : 0;
            }
        }
        assertTrue(arrived > 300, arrived + " arrived");
        assertTrue(a.port.counter(Counter.TX_DROP_OFFLOAD) > 300);
        assertEquals(3000, a.port.counter(Counter.TX_FRAMES));
        do {
            b.receiveAny();
            b.post(b.rx.freeDescriptors(), 1526);
        } while (plane.visit(b) > 0);
        OffloadFrame last = frame(true, b, 5);
        send(last);
        assertArrayEquals(
                last.completed(Frames.forwarded(last.bytes, b)),
                last.completed(b.receiveAny().getFirst().frame()));
    }

    @Test
    void areMeasuredBySegmentAgainstBothLinks() throws Exception {
        Guest narrow = plane.stoppedGuest(plane.network, 9, 1000);
        narrow.start(TAKES_ALL);
        narrow.post(20, 1526);
        int fits = 1000 - 20 - 32;
        send(superFrame(true, narrow, 5000, fits));
        assertEquals(1, narrow.receiveAny().size());
        send(superFrame(true, narrow, 5000, fits + 1), frame(true, narrow, fits + 1));
        assertEquals(2, a.port.counter(Counter.TX_DROP_MTU));
        send(superFrame(true, narrow, 5000, 1500 - 20 - 32 + 1), frame(true, narrow, 1500 - 20 - 32 + 1));
        assertEquals(2, a.port.counter(Counter.TX_DROP_OVERSIZED));
        assertTrue(narrow.receiveAny().isEmpty());
    }

    @Test
    void waitWholeOrInSegmentsForBuffers() throws Exception {
        Guest b = receiver(TAKES_ALL);
        Guest c = receiver(Features.NET_MRG_RXBUF);
        OffloadFrame whole = superFrame(true, b, 30_000, SIZE);
        OffloadFrame cut = superFrame(true, c, 5 * SIZE, SIZE);
        c.post(2, 1526);
        send(whole, cut);
        assertEquals(1, b.port.counter(Counter.RX_BACKLOGGED));
        assertEquals(3, c.port.counter(Counter.RX_BACKLOGGED), "two segments had buffers");
        b.post(100, 1526);
        c.post(10, 1526);
        plane.visit(b);
        plane.visit(c);
        assertWhole(whole, b, VirtioNetHeader.GSO_TCPV4, SIZE, b.receiveAny().getFirst());
        assertComplete(cut.segments(Frames.forwarded(cut.bytes, c), SIZE), c.receive());
    }

    @Test
    void areCountedBySegmentWhereTheBacklogIsFull() throws Exception {
        Guest b = receiver(Features.NET_MRG_RXBUF);
        for (int i = 0; i < 20; i++) {
            send(superFrame(true, b, 40 * SIZE, SIZE));
        }
        long kept = b.port.counter(Counter.RX_BACKLOGGED);
        assertTrue(kept >= 128 && kept < 800, kept + " segments wait");
        assertEquals(800 - kept, b.port.counter(Counter.RX_DROP_BACKLOG_FULL));
        assertEquals(20, b.port.counter(Counter.RX_SEGMENTED));
    }

    @Test
    void areDroppedWhereTheReceiversBuffersCannotBeMerged() throws Exception {
        Guest b = receiver(TAKES_ALL & ~Features.NET_MRG_RXBUF);
        b.post(10, 2000);
        send(superFrame(true, b, 5000, SIZE));
        assertEquals(1, b.port.counter(Counter.RX_DROP_BUFFER_TOO_SMALL));
    }

    @Test
    void countAgainstTheBudgetOfAVisit() throws Exception {
        Guest b = receiver(TAKES_ALL);
        for (int i = 0; i < 12; i++) {
            a.sendLong(superFrame(true, b, 60_000, SIZE).packet());
        }
        assertEquals(5, plane.visit(a), "until 256 KiB are exceeded");
        assertEquals(5, a.transmitted().size());
        assertEquals(5, a.port.counter(Counter.TX_FRAMES));
        assertEquals(5, plane.visit(a));
        assertEquals(2, plane.visit(a));
        assertEquals(12, a.port.counter(Counter.TX_FRAMES));
        assertEquals(12 * 60_066, a.port.counter(Counter.TX_BYTES));
    }

    @Test
    void loseAHopInARoutedNetworkLikeOthers() throws Exception {
        try (DataPlane routed = new DataPlane(true)) {
            Guest from = routed.guest(routed.network, SENDS);
            Guest to = routed.guest(routed.network, Features.NET_MRG_RXBUF);
            to.post(10, 1526);
            OffloadFrame cut = new OffloadFrame(false, true, 3000, random)
                    .addressed(from, to)
                    .withSegmentation(VirtioNetHeader.GSO_TCPV4, SIZE);
            from.sendLong(cut.packet());
            routed.visit(from);
            byte[] expected = Frames.forwarded(cut.bytes, to);
            expected[Frames.IP_TTL]--;
            assertComplete(cut.segments(Frames.sealed(expected), SIZE), to.receive());
        }
    }

    private OffloadFrame renewal() {
        OffloadFrame frame = new OffloadFrame(false, false, 300, random).addressed(a, a);
        ByteBuffer.wrap(frame.bytes)
                .putInt(30, DataPlane.GATEWAY)
                .putShort(34, (short) 68)
                .putShort(36, (short) 67);
        Frames.sealed(frame.bytes);
        return frame.fillSlot();
    }

    @Test
    void areCompletedForTheAddressService() throws Exception {
        OffloadFrame renewal = renewal();
        send(renewal);
        byte[] punted = plane.slowPath.punts.getFirst().frame();
        assertArrayEquals(renewal.completed(renewal.bytes), punted);

        send(renewal().withSegmentation(VirtioNetHeader.GSO_UDP_L4, 100));
        assertEquals(1, plane.slowPath.punts.size());
        assertEquals(1, a.port.counter(Counter.TX_DROP_OFFLOAD));
    }

    @Test
    void areNotAnsweredByTheGateway() {
        a.post(10, 1526);
        byte[] echo = Guest.withHeader(Frames.echo(a, DataPlane.GATEWAY, 98));
        echo[0] = VirtioNetHeader.F_NEEDS_CSUM;
        echo[VirtioNetHeader.CSUM_START_OFFSET] = 34;
        echo[VirtioNetHeader.CSUM_OFFSET_OFFSET] = 2;
        a.sendRaw(echo);
        plane.visit(a);
        assertEquals(1, a.port.counter(Counter.TX_DROP_OFFLOAD), "nobody leaves the checksum of ICMP to a card");
        assertTrue(a.receiveAny().isEmpty());
    }

    /** Three kinds of receivers, frames of all kinds: each arrives once, right, and in order. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void arriveOnceAndInOrderAmongManyOthers(long seed) throws Exception {
        SplittableRandom traffic = new SplittableRandom(seed);
        List<Guest> receivers =
                List.of(receiver(TAKES_ALL), receiver(TAKES_CHECKSUMS), receiver(Features.NET_MRG_RXBUF));
        List<List<byte[]>> due = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int round = 0; round < 1500; round++) {
            boolean whole = true;
            for (int i = traffic.nextInt(5); i >= 0; i--) {
                int to = traffic.nextInt(3);
                Guest receiver = receivers.get(to);
                boolean tcp = traffic.nextBoolean();
                int payload = traffic.nextInt(traffic.nextInt(4) == 0 ? 20_000 : 1400);
                OffloadFrame frame = superFrame(tcp, receiver, payload, SIZE);
                byte[] forwarded = Frames.forwarded(frame.bytes, receiver);
                if (traffic.nextInt(3) == 0 && payload <= SIZE) {
                    byte[] complete = frame.completed(frame.bytes);
                    a.sendLong(Guest.withHeader(complete));
                    due.get(to).add(Frames.forwarded(complete, receiver));
                } else {
                    a.sendLong(frame.packet());
                    due.get(to)
                            .addAll(
                                    to == 0 || payload <= SIZE
                                            ? List.of(frame.completed(forwarded))
                                            : frame.segments(forwarded, SIZE));
                }
                whole &= plane.visit(a) == 1;
            }
            assertTrue(whole);
            a.transmitted();
            for (int to = 0; to < 3; to++) {
                Guest receiver = receivers.get(to);
                receiver.post(traffic.nextInt(1 + receiver.rx.freeDescriptors()), 1 + 64 * (1 + traffic.nextInt(30)));
                plane.visit(receiver);
                take(receiver, due.get(to));
            }
        }
        for (int to = 0; to < 3; to++) {
            Guest receiver = receivers.get(to);
            for (int i = 0; i < 1000 && !due.get(to).isEmpty(); i++) {
                receiver.post(receiver.rx.freeDescriptors(), 2000);
                plane.visit(receiver);
                take(receiver, due.get(to));
            }
            assertTrue(due.get(to).isEmpty());
        }
    }

    private void take(Guest receiver, List<byte[]> due) {
        for (GuestDriver.Received received : receiver.receiveAny()) {
            byte[] frame = received.frame();
            if (!received.isPlain()) {
                boolean tcp = frame[23] == 6;
                OffloadFrame like = new OffloadFrame(false, tcp, 0, random);
                assertEquals(0xffff, like.completedSum(frame));
                frame = like.completed(frame);
            }
            assertArrayEquals(due.removeFirst(), frame);
        }
        assertEquals(0, receiver.port.counter(Counter.RX_DROP_BACKLOG_FULL));
    }
}
