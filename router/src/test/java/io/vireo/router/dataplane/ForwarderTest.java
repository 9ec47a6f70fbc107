package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.gateway.Gateway;
import io.vireo.virtqueue.Features;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwarderTest {
    private DataPlane plane;
    private Guest a;
    private Guest b;

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet();
        a = plane.guest();
        b = plane.guest();
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private byte[] onlyFrameOf(Guest guest) {
        List<byte[]> frames = guest.receiveFrames();
        assertEquals(1, frames.size());
        return frames.getFirst();
    }

    @ParameterizedTest
    @ValueSource(ints = {42, 60, 127, 128, 129, 130, 1500, 1513, 1514})
    void rewritesTheMacAddressesAndNothingElse(int length) {
        b.post(1, 2000);
        byte[] frame = Frames.udp(a, b.ipv4(), length);
        int head = a.send(frame);
        assertEquals(1, plane.visit(a));
        assertArrayEquals(Frames.forwarded(frame, b), onlyFrameOf(b));
        assertEquals(List.of(head), a.transmitted());
        assertEquals(1, a.port.counter(Counter.TX_FRAMES));
        assertEquals(length, a.port.counter(Counter.TX_BYTES));
        assertEquals(1, b.port.counter(Counter.RX_FRAMES));
        assertEquals(length, b.port.counter(Counter.RX_BYTES));
    }

    static Stream<int[]> awkwardPieces() {
        return Stream.of(
                new int[] {12},
                new int[] {1},
                new int[] {5, 20, 6},
                new int[] {11, 1, 14, 20, 8},
                new int[] {12 + 128},
                new int[] {12 + 127, 1, 1},
                new int[] {12 + 129},
                new int[] {3, 12 + 128, 1, 1000},
                ones(100),
                ones(200));
    }

    private static int[] ones(int count) {
        int[] pieces = new int[count];
        Arrays.fill(pieces, 1);
        return pieces;
    }

    @ParameterizedTest
    @MethodSource("awkwardPieces")
    void takesFramesFromChainsThatAreSplitAnywhere(int... pieces) {
        b.post(1, 2000);
        byte[] frame = Frames.udp(a, b.ipv4(), 1400);
        a.send(frame, pieces);
        plane.visit(a);
        assertArrayEquals(Frames.forwarded(frame, b), onlyFrameOf(b));
        assertEquals(1, a.transmitted().size());
    }

    @ParameterizedTest
    @MethodSource("awkwardPieces")
    void putsFramesIntoChainsThatAreSplitAnywhere(int... pieces) {
        int[] rest = Arrays.copyOf(pieces, pieces.length + 1);
        rest[pieces.length] = 1600;
        b.post(1, rest);
        byte[] frame = Frames.udp(a, b.ipv4(), 1400);
        a.send(frame, 7, 100);
        plane.visit(a);
        assertArrayEquals(Frames.forwarded(frame, b), onlyFrameOf(b));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 12, 13, 100, 1525, 1526})
    void mergesAsManyBuffersAsAFrameNeeds(int size) {
        int buffers = Math.ceilDiv(12 + 200, size);
        b.post(Math.min(buffers + 3, Guest.RING_SIZE), size);
        byte[] frame = Frames.udp(a, b.ipv4(), 200);
        a.send(frame);
        plane.visit(a);
        List<GuestDriver.Received> received = b.receive();
        assertEquals(1, received.size());
        assertEquals(buffers, received.getFirst().buffers());
        assertArrayEquals(Frames.forwarded(frame, b), received.getFirst().frame());
    }

    @Test
    void fillsOneBufferWithoutMergeableBuffers() throws Exception {
        Guest plain = plane.guest(plane.network, 0);
        plain.post(2, 2000);
        byte[] frame = Frames.udp(a, plain.ipv4(), 1514);
        a.send(frame);
        plane.visit(a);
        List<GuestDriver.Received> received = plain.receive();
        assertEquals(1, received.getFirst().buffers(), "5.1.6.4.1: num_buffers is 1 all the same");
        assertArrayEquals(Frames.forwarded(frame, plain), received.getFirst().frame());
    }

    @Test
    void leavesTheTimeToLiveAloneInASubnet() {
        b.post(1, 2000);
        byte[] frame = Frames.ipv4(Gateway.GATEWAY_MAC, a.mac(), a.ipv4(), b.ipv4(), 17, 1, 60);
        a.send(frame);
        plane.visit(a);
        assertArrayEquals(Frames.forwarded(frame, b), onlyFrameOf(b));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 64, 255})
    void lowersTheTimeToLiveInARoutedNetwork(int timeToLive) throws Exception {
        try (DataPlane routed = new DataPlane(true)) {
            Guest from = routed.guest();
            Guest to = routed.guest();
            to.post(1, 2000);
            byte[] frame = Frames.ipv4(Gateway.GATEWAY_MAC, from.mac(), from.ipv4(), to.ipv4(), 17, timeToLive, 100);
            from.send(frame);
            routed.visit(from);
            byte[] expected = Frames.forwarded(frame, to);
            expected[Frames.IP_TTL]--;
            byte[] received = onlyFrameOf(to);
            assertEquals(0xffff, Frames.sum(received));
            assertArrayEquals(Frames.sealed(expected), received);
        }
    }

    @Test
    void keepsNetworksApartThatHaveTheSameAddresses() throws Exception {
        Network other = Networks.subnet("other");
        Guest twinOfB = plane.stoppedGuest(other, 6, Guest.MTU);
        twinOfB.start(Features.NET_MRG_RXBUF);
        Guest c = plane.guest(other, Features.NET_MRG_RXBUF);
        b.post(1, 2000);
        twinOfB.post(1, 2000);
        assertEquals(b.ipv4(), twinOfB.ipv4());

        a.send(Frames.udp(a, b.ipv4(), 60));
        plane.visit(a);
        assertTrue(twinOfB.receive().isEmpty());
        assertEquals(1, b.receive().size());

        c.send(Frames.udp(c, b.ipv4(), 61));
        c.send(Frames.udp(c, a.ipv4(), 62));
        plane.visit(c);
        assertEquals(61, onlyFrameOf(twinOfB).length);
        assertTrue(b.receive().isEmpty());
        assertEquals(1, c.port.counter(Counter.TX_DROP_NO_ROUTE), "it has no neighbour with a's address");
    }

    @Test
    void deliversToTheSenderItselfIfItAsksForThat() {
        a.post(1, 2000);
        byte[] frame = Frames.udp(a, a.ipv4(), 60);
        a.send(frame);
        plane.visit(a);
        assertArrayEquals(Frames.forwarded(frame, a), onlyFrameOf(a));
    }

    @Test
    void interruptsOncePerBatchAndNotAtAllWhereNotWanted() throws Exception {
        b.post(10, 2000);
        for (int i = 0; i < 5; i++) {
            a.send(Frames.udp(a, b.ipv4(), 60));
        }
        plane.visit(a);
        assertEquals(1, a.call.drain());
        assertEquals(1, b.call.drain());
        assertEquals(1, b.port.counter(Counter.INTERRUPTS));

        b.rx.requestInterrupts(false);
        a.tx.requestInterrupts(false);
        a.send(Frames.udp(a, b.ipv4(), 60));
        plane.visit(a);
        assertEquals(0, a.call.drain());
        assertEquals(0, b.call.drain());
        assertEquals(6, b.receive().size());
    }

    @Test
    void wantsKicksOnlyWhenItWillSleep() {
        a.offer(Guest.withHeader(Frames.udp(a, b.ipv4(), 60)));
        assertFalse(a.tx.publish(), "the device polls");
        plane.visit(a);
        assertFalse(a.port.requestKicks(), "there is nothing to do");
        a.offer(Guest.withHeader(Frames.udp(a, b.ipv4(), 60)));
        assertTrue(a.tx.publish(), "the device sleeps");
        assertTrue(a.port.requestKicks(), "there is work already");
        a.port.suppressKicks();
        a.offer(Guest.withHeader(Frames.udp(a, b.ipv4(), 60)));
        assertFalse(a.tx.publish());
    }

    @Test
    void takesNoMoreThanABatchAtATime() {
        b.post(100, 2000);
        for (int i = 0; i < 70; i++) {
            a.send(Frames.udp(a, b.ipv4(), 60));
        }
        assertEquals(FrameBatch.MAX_FRAMES, plane.visit(a));
        assertEquals(70 - FrameBatch.MAX_FRAMES, plane.visit(a));
        assertEquals(0, plane.visit(a));
        assertEquals(70, b.receive().size());
    }
}
