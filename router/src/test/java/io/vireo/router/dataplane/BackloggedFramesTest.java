package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.virtqueue.Features;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Frames for a guest that posts no buffers wait, in order, as long as there is room. */
class BackloggedFramesTest {
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

    /** Sends frames of {@code from}, {@code from + 1} ... bytes. @return what is to arrive */
    private List<byte[]> send(int from, int count) {
        List<byte[]> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] frame = Frames.udp(a, b.ipv4(), from + i);
            a.send(frame);
            plane.visit(a);
            expected.add(Frames.forwarded(frame, b));
        }
        assertEquals(count, a.transmitted().size(), "the sender does not wait");
        return expected;
    }

    private void assertReceives(List<byte[]> expected) {
        List<byte[]> received = b.receiveFrames();
        assertEquals(expected.size(), received.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), received.get(i), "frame " + i);
        }
    }

    @Test
    void waitForBuffersAndArriveInOrder() {
        List<byte[]> expected = send(60, 5);
        assertTrue(b.receive().isEmpty());
        assertEquals(5, b.port.counter(Counter.RX_BACKLOGGED));
        assertEquals(0, b.port.counter(Counter.RX_FRAMES));
        b.post(3, 2000);
        assertEquals(3, plane.visit(b));
        assertReceives(expected.subList(0, 3));
        b.post(3, 2000);
        assertEquals(2, plane.visit(b));
        assertReceives(expected.subList(3, 5));
        assertEquals(5, b.port.counter(Counter.RX_FRAMES));
    }

    @Test
    void areNotOvertakenByLaterOnes() {
        List<byte[]> expected = send(60, 2);
        b.post(10, 2000);
        expected.addAll(send(1000, 3));
        assertEquals(5, b.port.counter(Counter.RX_BACKLOGGED), "who comes later queues behind");
        plane.visit(b);
        expected.addAll(send(300, 1));
        assertEquals(5, b.port.counter(Counter.RX_BACKLOGGED));
        assertReceives(expected);
    }

    @Test
    void areMergedOverBuffersLikeOthers() {
        List<byte[]> expected = send(1500, 1);
        b.post(15, 100);
        assertEquals(0, plane.visit(b), "one buffer short");
        b.post(1, 100);
        assertEquals(1, plane.visit(b));
        List<GuestDriver.Received> received = b.receive();
        assertEquals(16, received.getFirst().buffers());
        assertArrayEquals(expected.getFirst(), received.getFirst().frame());
    }

    @Test
    void areDroppedAndCountedWhenThereAreTooMany() {
        List<byte[]> expected = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            expected.addAll(send(1000 + i, 100));
        }
        int kept = (int) b.port.counter(Counter.RX_BACKLOGGED);
        assertTrue(kept >= 128, kept + " frames have room");
        assertEquals(500 - kept, b.port.counter(Counter.RX_DROP_BACKLOG_FULL));
        List<byte[]> received = new ArrayList<>();
        while (received.size() < kept) {
            b.post(b.rx.freeDescriptors(), 2000);
            assertTrue(plane.visit(b) > 0);
            received.addAll(b.receiveFrames());
        }
        for (int i = 0; i < kept; i++) {
            assertArrayEquals(expected.get(i), received.get(i), "frame " + i);
        }
        assertEquals(kept, b.port.counter(Counter.RX_FRAMES));
    }

    @Test
    void waitForTheRingToBeEnabled() {
        List<byte[]> expected = send(60, 2);
        b.port.enable(NetPort.RECEIVE_QUEUE, false);
        b.post(2, 2000);
        assertEquals(0, plane.visit(b));
        b.port.enable(NetPort.RECEIVE_QUEUE, true);
        assertEquals(2, plane.visit(b));
        assertReceives(expected);
    }

    @Test
    void surviveARestartOfTheRing() throws Exception {
        List<byte[]> expected = send(60, 3);
        b.post(1, 2000);
        plane.visit(b);
        assertEquals(1, b.port.stop(NetPort.RECEIVE_QUEUE));
        b.port.start(b.setup(NetPort.RECEIVE_QUEUE, Features.NET_MRG_RXBUF, true));
        b.post(2, 2000);
        plane.visit(b);
        assertReceives(expected);
    }

    @Test
    void areForgottenAndCountedWhenTheGuestIsReset() throws Exception {
        send(60, 3);
        b.port.stop(NetPort.RECEIVE_QUEUE);
        b.port.reset();
        assertEquals(3, b.port.counter(Counter.RX_DROP_RESET));
        b.port.start(b.setup(NetPort.RECEIVE_QUEUE, Features.NET_MRG_RXBUF, true));
        b.post(3, 2000);
        assertEquals(0, plane.visit(b));
        assertTrue(b.receive().isEmpty());
    }

    @Test
    void areDroppedWhenTheBufferThatComesIsTooSmall() throws Exception {
        Guest plain = plane.guest(plane.network, 0);
        a.send(Frames.udp(a, plain.ipv4(), 1000));
        a.send(Frames.udp(a, plain.ipv4(), 100));
        plane.visit(a);
        assertEquals(2, plain.port.counter(Counter.RX_BACKLOGGED));
        plain.post(1, 500);
        plane.visit(plain);
        assertEquals(1, plain.port.counter(Counter.RX_DROP_BUFFER_TOO_SMALL));
        assertEquals(100, plain.receiveFrames().getFirst().length);
    }

    @Test
    void askForKicksOfTheReceiveRing() {
        assertFalse(b.port.requestKicks());
        assertFalse(b.rx.isKickWanted(), "nothing waits");
        send(60, 1);
        b.port.requestKicks();
        assertTrue(b.rx.isKickWanted());
    }

    @Test
    void carryTheGatewaysOwnFramesInTheirPlace() {
        List<byte[]> expected = send(60, 1);
        byte[] own = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
        plane.forwarder.send(b.port, own);
        expected.add(own);
        expected.addAll(send(70, 1));
        b.post(3, 2000);
        plane.visit(b);
        assertReceives(expected);
        b.port.stop(NetPort.RECEIVE_QUEUE);
        plane.forwarder.send(b.port, own);
        assertEquals(1, b.port.counter(Counter.RX_DROP_NOT_READY));
    }
}
