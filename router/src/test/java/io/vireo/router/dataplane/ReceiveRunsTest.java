package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of frames to one guest, whose buffers are reserved by the batch, whatever buffers it has posted. */
@ParameterizedClass
@EnumSource
class ReceiveRunsTest {
    private static final int LENGTH = 300;

    private final RingFormat format;
    private final List<byte[]> due = new ArrayList<>();
    private DataPlane plane;
    private Guest a;
    private Guest b;
    private Guest c;

    ReceiveRunsTest(RingFormat format) {
        this.format = format;
    }

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet(format);
        a = plane.guest();
        b = plane.guest();
        c = plane.guest();
    }

    @AfterEach
    void close() {
        plane.close();
    }

    /** Offers a frame, which {@link #due} then has as its receiver is to get it. */
    private void offer(Guest to, int length) {
        byte[] frame = Frames.udp(a, to.ipv4(), length);
        a.send(frame);
        due.add(Frames.forwarded(frame, to));
    }

    private void send(Guest to, int count) {
        for (int i = 0; i < count; i++) {
            offer(to, LENGTH + i);
        }
        plane.visit(a);
        assertTrue(a.isAllTransmitted());
    }

    private void assertReceives(Guest guest) {
        assertEqual(due, guest.receiveFrames());
        due.clear();
    }

    private static void assertEqual(List<byte[]> expected, List<byte[]> received) {
        assertEquals(expected.size(), received.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), received.get(i), "frame " + i);
        }
    }

    /** Where the segment of such a chain would be, the batch has that of the guest who was lent it before. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void writeNothingToABufferOfNoLength(int pieces) {
        b.post(8, 2000);
        send(b, 8);
        assertReceives(b);
        c.post(1, 2000);
        c.post(1, new int[pieces]);
        send(c, 3);
        assertEqual(due.subList(0, 1), c.receiveFrames());
        assertEquals(2, c.port.counter(Counter.RX_BACKLOGGED));
        c.post(2, 2000);
        plane.visit(c);
        assertEqual(due.subList(1, 3), c.receiveFrames());
        assertEquals(GuestDriver.RING_SIZE, c.freeReceiveDescriptors());
    }

    @Test
    void passOverABufferOfNoLengthAmongOthers() {
        c.post(2, 2000);
        c.post(1, 0);
        c.post(3, 2000);
        send(c, 5);
        List<GuestDriver.Received> received = c.receive();
        assertEquals(
                List.of(1, 1, 2, 1, 1),
                received.stream().map(GuestDriver.Received::buffers).toList());
        assertEqual(due, received.stream().map(GuestDriver.Received::frame).toList());
    }

    @Test
    void neverUseTwoBuffersWhereTheGuestCannotMergeThem() throws Exception {
        Guest plain = plane.guest(plane.network, 0);
        plain.post(1, 2000);
        plain.post(1, 0);
        plain.post(1, 2000);
        send(plain, 3);
        assertEqual(due.subList(0, 1), plain.receiveFrames());
        assertEquals(2, plain.port.counter(Counter.RX_DROP_BUFFER_TOO_SMALL));
    }

    @Test
    void goOnBehindBuffersThatAreSmallerThanAFrameOrInPieces() {
        c.post(2, 2000);
        c.post(3, 200);
        c.post(1, 12, 1988);
        c.post(1, 100, 100, 1800);
        c.post(2, 2000);
        send(c, 7);
        List<GuestDriver.Received> received = c.receive();
        assertEquals(
                List.of(1, 1, 2, 2, 1, 1, 1),
                received.stream().map(GuestDriver.Received::buffers).toList());
        assertEqual(due, received.stream().map(GuestDriver.Received::frame).toList());
        assertEquals(GuestDriver.RING_SIZE, c.freeReceiveDescriptors());
    }

    @Test
    void endWhereTheReceiverChangesAndAreTakenUpAgain() {
        b.post(20, 2000);
        c.post(20, 2000);
        List<byte[]> dueB = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            boolean toB = i % 7 < 4;
            offer(toB ? b : c, LENGTH + i);
            if (toB) {
                dueB.add(due.removeLast());
            }
            if (i % 5 == 0) {
                a.send(Frames.udp(a, DataPlane.PREFIX + 200, 60)); // goes nowhere
            }
        }
        plane.visit(a);
        assertEqual(dueB, b.receiveFrames());
        assertReceives(c);
    }

    @Test
    void endWithTheBuffersAndTheRestWaitsInOrder() {
        c.post(10, 2000);
        send(c, 25);
        assertEqual(due.subList(0, 10), c.receiveFrames());
        c.post(10, 2000);
        send(c, 5);
        c.post(20, 2000);
        plane.visit(c);
        assertEqual(due.subList(10, 30), c.receiveFrames());
        assertEquals(20, c.port.counter(Counter.RX_BACKLOGGED));
        assertEquals(30, c.port.counter(Counter.RX_FRAMES));
    }

    @Test
    void giveBackTheBuffersTheyDidNotNeed() {
        b.post(60, 2000);
        c.post(60, 2000);
        for (int round = 0; round < 20; round++) {
            offer(c, LENGTH);
            offer(c, LENGTH + round);
            for (int i = 0; i < 40; i++) {
                a.send(Frames.udp(a, b.ipv4(), 60)); // so many buffers of c are taken too
            }
            plane.visit(a);
            assertTrue(a.isAllTransmitted());
            assertEquals(40, b.receiveFrames().size());
            b.post(40, 2000);
            assertReceives(c);
        }
        assertEquals(GuestDriver.RING_SIZE - 20, c.freeReceiveDescriptors());
        send(c, 20);
        assertReceives(c);
        assertEquals(GuestDriver.RING_SIZE, c.freeReceiveDescriptors());
    }

    @Test
    void areUndoneWithABatchThatLosesMemory() throws Exception {
        c.post(30, 2000);
        b.post(10, 2000);
        for (int i = 0; i < 25; i++) {
            offer(c, LENGTH + i);
        }
        a.send(Frames.udp(a, b.ipv4(), 1000));
        b.loseMemory();
        assertThrows(InternalError.class, () -> plane.visit(a));
        assertTrue(plane.forwarder.memoryLost(plane.ports()));
        assertTrue(c.receive().isEmpty());
        plane.visit(a);
        assertReceives(c);
        assertEquals(25, c.port.counter(Counter.RX_FRAMES));
        assertEquals(GuestDriver.RING_SIZE - 5, c.freeReceiveDescriptors());
    }

    /** Those that were lent to the others of its batch serve the next one. */
    @Test
    void areFreshInTheBatchAfterOneThatWasUndone() throws Exception {
        c.post(30, 2000);
        offer(c, LENGTH);
        plane.visit(a);
        assertReceives(c);
        Guest hostile = plane.guest();
        hostile.send(Frames.udp(hostile, c.ipv4(), 1000));
        hostile.loseMemory();
        assertThrows(InternalError.class, () -> plane.visit(hostile));
        assertTrue(plane.forwarder.memoryLost(plane.ports()));
        b.post(30, 2000);
        send(b, 10);
        assertReceives(b);
        send(c, 10);
        assertReceives(c);
    }
}
