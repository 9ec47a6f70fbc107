package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.device.RingFault;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Guests that break their rings and VMMs that take memory away harm themselves alone. */
@ParameterizedClass
@EnumSource
class HostileGuestTest {
    private final RingFormat format;
    private DataPlane plane;
    private Guest a;
    private Guest b;
    private Guest hostile;

    HostileGuestTest(RingFormat format) {
        this.format = format;
    }

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet(format);
        a = plane.guest();
        b = plane.guest();
        hostile = plane.guest();
        a.post(20, 2000);
        b.post(20, 2000);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    /** What a reactor does. */
    private void visit(Guest guest) {
        try {
            plane.visit(guest);
        } catch (InternalError e) {
            assertTrue(plane.forwarder.memoryLost(plane.ports()), "whose memory it was is found");
        }
    }

    private void assertBroken(RingFault fault) throws Exception {
        assertEquals(List.of(new RecordingSlowPath.Broken(hostile.port, fault)), plane.slowPath.broken);
        assertTrue(hostile.port.isBroken());
        assertEquals(2, hostile.error.drain(), "the error descriptor of either ring is rung once");
        assertEquals(0, a.error.drain());
        assertEquals(0, b.error.drain());
    }

    /** Frames pass from a to b as ever, each once, and what is sent to the hostile guest is counted there. */
    private void assertOthersGoOn() throws Exception {
        long before = hostile.port.counter(Counter.RX_DROP_NOT_READY);
        for (int i = 0; i < 3; i++) {
            byte[] frame = Frames.udp(a, b.ipv4(), 100 + i);
            a.send(frame);
            a.send(Frames.udp(a, hostile.ipv4(), 60));
            visit(a);
            assertEquals(2, a.transmitted().size());
            List<byte[]> received = b.receiveFrames();
            assertEquals(1, received.size());
            assertArrayEquals(Frames.forwarded(frame, b), received.getFirst());
        }
        assertEquals(before + 3, hostile.port.counter(Counter.RX_DROP_NOT_READY));
        visit(hostile);
        assertEquals(1, plane.slowPath.broken.size(), "reported once");
    }

    @Test
    void aBrokenReceiveRingCostsItsPortAlone() throws Exception {
        hostile.post(1, 2000);
        hostile.offerOutside(true);
        a.send(Frames.udp(a, hostile.ipv4(), 60));
        a.send(Frames.udp(a, hostile.ipv4(), 61));
        a.send(Frames.udp(a, b.ipv4(), 62));
        visit(a);
        assertEquals(3, a.transmitted().size());
        assertEquals(62, b.receiveFrames().getFirst().length);
        assertEquals(60, hostile.receiveFrames().getFirst().length, "what went well before");
        assertBroken(RingFault.ADDRESS_OUTSIDE_MEMORY);
        assertOthersGoOn();
    }

    @Test
    void aBrokenTransmitRingCostsItsPortAlone() throws Exception {
        byte[] frame = Frames.udp(hostile, b.ipv4(), 60);
        int good = hostile.send(frame);
        hostile.offerOutside(false);
        visit(hostile);
        assertArrayEquals(Frames.forwarded(frame, b), b.receiveFrames().getFirst());
        assertEquals(List.of(good), hostile.transmitted());
        assertBroken(RingFault.ADDRESS_OUTSIDE_MEMORY);
        assertOthersGoOn();
    }

    @Test
    void aBrokenPortIsServedAgainWhenItsRingsAreStartedAgain() throws Exception {
        hostile.offerOutside(false);
        visit(hostile);
        assertBroken(RingFault.ADDRESS_OUTSIDE_MEMORY);
        hostile.stop(NetPort.TRANSMIT_QUEUE);
        hostile.stop(NetPort.RECEIVE_QUEUE);
        hostile.start(Features.NET_MRG_RXBUF);
        assertFalse(hostile.port.isBroken());
        hostile.post(1, 2000);
        a.send(Frames.udp(a, hostile.ipv4(), 60));
        visit(a);
        assertEquals(1, hostile.receive().size());
    }

    @Test
    void aSenderWithoutMemoryLosesItsPort() throws Exception {
        hostile.send(Frames.udp(hostile, b.ipv4(), 60));
        hostile.loseMemory();
        assertThrows(InternalError.class, () -> plane.visit(hostile));
        assertTrue(plane.forwarder.memoryLost(plane.ports()));
        assertBroken(RingFault.MEMORY_LOST);
        assertTrue(b.receive().isEmpty());
        assertOthersGoOn();
    }

    @Test
    void aReceiverWithoutMemoryLosesItsPortAndTheSendersBatchIsDoneOnce() throws Exception {
        hostile.post(5, 2000);
        byte[] frame = Frames.udp(a, b.ipv4(), 100);
        int first = a.send(frame);
        int second = a.send(Frames.udp(a, hostile.ipv4(), 1000));
        hostile.loseMemory();
        visit(a);
        visit(a);
        assertEquals(List.of(first, second), a.transmitted());
        List<byte[]> received = b.receiveFrames();
        assertEquals(1, received.size());
        assertArrayEquals(Frames.forwarded(frame, b), received.getFirst());
        assertEquals(1, hostile.port.counter(Counter.RX_DROP_NOT_READY));
        assertBroken(RingFault.MEMORY_LOST);
        assertOthersGoOn();
    }

    /** Then the frames are already written, and some receivers may already have been shown theirs. */
    @Test
    void aReceiverWithoutItsUsedRingDoesNotDisturbTheOtherReceiversOfTheBatch() throws Exception {
        Guest c = plane.guest();
        c.post(20, 2000);
        hostile.post(5, 2000);
        a.send(Frames.udp(a, b.ipv4(), 100));
        a.send(Frames.udp(a, hostile.ipv4(), 100));
        a.send(Frames.udp(a, c.ipv4(), 100));
        hostile.loseUsedRing();
        visit(a);
        visit(a);
        assertEquals(3, a.transmitted().size());
        assertEquals(1, b.receive().size());
        assertEquals(1, c.receive().size());
        assertEquals(RingFault.MEMORY_LOST, plane.slowPath.broken.getFirst().fault());

        byte[] next = Frames.udp(a, b.ipv4(), 200);
        a.send(next);
        visit(a);
        List<byte[]> received = b.receiveFrames();
        assertEquals(1, received.size());
        assertArrayEquals(Frames.forwarded(next, b), received.getFirst());
    }

    @Test
    void aGuestWithoutMemoryLosesItsPortWhenItsBacklogIsToBeDelivered() throws Exception {
        a.send(Frames.udp(a, hostile.ipv4(), 60));
        visit(a);
        hostile.post(1, 2000);
        hostile.loseMemory();
        assertThrows(InternalError.class, () -> plane.visit(hostile));
        assertTrue(plane.forwarder.memoryLost(plane.ports()));
        assertBroken(RingFault.MEMORY_LOST);
        a.transmitted();
        assertOthersGoOn();
    }

    @Test
    void aGuestWithoutItsUsedRingLosesItsPortWhenItsBacklogIsDelivered() throws Exception {
        a.send(Frames.udp(a, hostile.ipv4(), 60));
        visit(a);
        hostile.post(1, 2000);
        hostile.send(Frames.udp(hostile, b.ipv4(), 60));
        hostile.loseUsedRing();
        visit(hostile);
        assertBroken(RingFault.MEMORY_LOST);
        assertTrue(b.receive().isEmpty(), "a broken port sends nothing more");
        a.transmitted();
        assertOthersGoOn();
    }

    @Test
    void aGuestThatTakesTheAnswerToItselfAwayLosesItsPort() throws Exception {
        hostile.post(1, 2000);
        hostile.send(Frames.udp(hostile, b.ipv4(), 60));
        hostile.send(Frames.arpRequest(hostile, hostile.ipv4(), DataPlane.GATEWAY));
        hostile.loseUsedRing();
        assertThrows(InternalError.class, () -> plane.visit(hostile));
        assertTrue(plane.forwarder.memoryLost(plane.ports()));
        assertBroken(RingFault.MEMORY_LOST);
        // a split ring is found to be lost when frames are shown, a packed one when buffers are looked for
        assertEquals(format.isPacked() ? 0 : 1, b.receive().size());
        assertOthersGoOn();
    }

    @Test
    void anErrorThatIsAboutNobodysMemoryIsNotBlamedOnAnybody() {
        assertFalse(plane.forwarder.memoryLost(plane.ports()));
        assertTrue(plane.slowPath.broken.isEmpty());
    }

    @Test
    void anIsolatedPortIsStoppedAndToldSo() throws Exception {
        plane.forwarder.isolate(hostile.port);
        assertTrue(hostile.port.isBroken());
        assertEquals(2, hostile.error.drain());
        a.send(Frames.udp(a, hostile.ipv4(), 60));
        visit(a);
        assertEquals(1, hostile.port.counter(Counter.RX_DROP_NOT_READY));
    }
}
