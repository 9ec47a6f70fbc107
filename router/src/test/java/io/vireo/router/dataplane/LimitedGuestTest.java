package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Guests that may send or be given so much a second, on the test's own time. */
class LimitedGuestTest {
    private static final long SECOND_NS = 1_000_000_000;
    private static final long BURST_NS = 10_000_000;
    private static final long STEP_NS = 100_000;
    /** 100 Mbit/s. */
    private static final int RATE = 12_500_000;

    private static final int BURST = RATE / 100;
    private static final int FRAME = 1000;
    /** What a pause is worth, and a frame. */
    private static final int PAUSE = RATE / 1000 / FRAME + 1;
    /** In each step. */
    private static final int AT_ONCE = 40;

    private final PollSet set = new PollSet();
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

    private void attach(Guest... guests) {
        for (Guest guest : guests) {
            set.attach(guest.port);
            set.activate(guest.port);
        }
    }

    private void limitEgress(Guest guest, long bytes, long frames) {
        guest.port.limitEgress(bytes, frames, BURST_NS, () -> plane.nowNs);
        attach(a, b);
    }

    private void limitIngress(Guest guest, long bytes, long frames) {
        guest.port.limitIngress(bytes, frames, BURST_NS, () -> plane.nowNs);
        attach(a, b);
    }

    /** What a reactor does until there is no work. */
    private void poll() {
        set.resume(plane.nowNs);
        int moved;
        do {
            moved = 0;
            for (int i = 0; i < set.activeCount(); i++) {
                NetPort port = set.active(i);
                moved += port == null ? 0 : plane.forwarder.visit(port);
            }
        } while (moved > 0);
        set.silenceAll();
    }

    /** Has one guest send the other three times what either may, for a time. @return what arrived */
    private List<byte[]> flood(long ns) {
        List<byte[]> received = new ArrayList<>();
        byte[] frame = Frames.udp(a, b.ipv4(), FRAME);
        for (long end = plane.nowNs + ns; plane.nowNs < end; plane.nowNs += STEP_NS) {
            b.post(b.rx.freeDescriptors(), 2000);
            a.transmitted();
            for (int i = 0; i < AT_ONCE && a.tx.freeDescriptors() > 0; i++) {
                a.send(frame);
            }
            kickIfAsked(a);
            poll();
            received.addAll(b.receiveFrames());
        }
        return received;
    }

    private void kickIfAsked(Guest guest) {
        if (guest.kickIsWanted()) {
            set.kicked(set.attach(guest.port));
        }
    }

    @Test
    void sendsItsBytesToTheFrameAndLosesNothing() {
        limitEgress(a, RATE, 0);
        int frames = flood(SECOND_NS).size();
        assertEquals((RATE + BURST) / FRAME, frames, PAUSE, "a second's and the burst");
        assertEquals(frames, a.port.counter(Counter.TX_FRAMES), "none was dropped");
        assertEquals(RATE / FRAME, flood(SECOND_NS).size(), PAUSE);
        assertNotEquals(0, a.port.counter(Counter.TX_PAUSED));
    }

    @Test
    void sendsItsFramesToTheFrame() {
        limitEgress(a, 0, 2000);
        assertEquals(2020, flood(SECOND_NS).size(), 2);
        assertEquals(2000, flood(SECOND_NS).size(), 2);
    }

    @Test
    void theTighterLimitCounts() {
        limitEgress(a, RATE, 2000);
        flood(SECOND_NS);
        assertEquals(2000, flood(SECOND_NS).size(), 2);
    }

    @Test
    void isGivenItsBytesAndTheRestIsDroppedUnderAName() {
        limitIngress(b, RATE, 0);
        flood(SECOND_NS);
        long dropped = b.port.counter(Counter.RX_DROP_RATE);
        long sent = a.port.counter(Counter.TX_FRAMES);
        assertEquals(RATE / FRAME, flood(SECOND_NS).size(), PAUSE);
        assertTrue(dropped > 0);
        assertTrue(sent - dropped < 2L * RATE / FRAME, "the sender is not held up: " + sent);
        assertEquals(0, b.port.counter(Counter.RX_DROP_BACKLOG_FULL));
        assertNotEquals(0, b.port.counter(Counter.RX_PAUSED));
    }

    @Test
    void isGivenItsFramesToTheFrame() {
        limitIngress(b, 0, 2000);
        flood(SECOND_NS);
        assertEquals(2000, flood(SECOND_NS).size(), 2);
    }

    @Test
    void whatIsTooMuchForAMomentArrivesLaterAndInOrder() {
        limitIngress(b, RATE, 0);
        b.post(256, 2000);
        List<byte[]> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            byte[] frame = Frames.udp(a, b.ipv4(), FRAME + i);
            a.send(frame);
            expected.add(Frames.forwarded(frame, b));
        }
        poll();
        List<byte[]> received = new ArrayList<>(b.receiveFrames());
        assertTrue(received.size() < 200);
        while (set.hasPaused()) {
            plane.nowNs += Math.max(set.pauseNs(plane.nowNs), 1);
            poll();
            received.addAll(b.receiveFrames());
        }
        assertEquals(200, received.size());
        for (int i = 0; i < 200; i++) {
            assertArrayEquals(expected.get(i), received.get(i));
        }
    }

    @Test
    void isLeftAloneWhileItWaitsAndLookedAtAgainWithoutAKick() {
        limitEgress(a, RATE, 0);
        flood(5 * STEP_NS);
        a.send(Frames.udp(a, b.ipv4(), FRAME));
        assertTrue(set.hasPaused());
        assertEquals(0, set.activeCount());
        assertFalse(a.kickIsWanted(), "it would be in vain");
        long remainingNs = set.pauseNs(plane.nowNs);
        plane.nowNs += remainingNs - 1;
        set.resume(plane.nowNs);
        assertEquals(0, set.activeCount());
        plane.nowNs += 1;
        b.post(b.rx.freeDescriptors(), 2000);
        poll();
        assertTrue(b.receiveFrames().size() >= RATE / 1000 / FRAME, "about what a pause is worth");
    }

    @Test
    void whoHasNothingToSendIsAskedForKicksAsOthersAre() {
        limitEgress(a, RATE, 0);
        poll();
        assertTrue(a.kickIsWanted());
        assertFalse(set.hasPaused());
    }

    @Test
    void whatCostsMoreThanTheBurstPassesAndIsPaidFor() {
        limitEgress(a, 100_000, 0); // the burst is 1000 bytes
        b.post(10, 2000);
        a.send(Frames.udp(a, b.ipv4(), 1500));
        a.send(Frames.udp(a, b.ipv4(), 1500));
        poll();
        assertEquals(1, b.receiveFrames().size());
        plane.nowNs += 5_000_000;
        poll();
        assertEquals(0, b.receiveFrames().size(), "500 bytes are owed, which take 5 ms");
        plane.nowNs += 1_200_000;
        poll();
        assertEquals(1, b.receiveFrames().size());
    }

    @Test
    void othersSendOnMeanwhile() {
        limitEgress(a, RATE, 0);
        flood(5 * STEP_NS);
        assertTrue(set.hasPaused());
        a.post(100, 2000);
        for (int i = 0; i < 100; i++) {
            b.send(Frames.udp(b, a.ipv4(), FRAME));
        }
        kickIfAsked(b);
        poll();
        assertEquals(100, a.receiveFrames().size());
    }

    @Test
    void whoComesBackHasNotMoreForThat() {
        limitEgress(a, RATE, 0);
        flood(5 * STEP_NS);
        long sent = a.port.counter(Counter.TX_FRAMES);
        set.detach(a.port);
        a.port.reset();
        assertFalse(a.port.egress() != null && a.port.egress().isPaused(), "nobody would end it");
        attach(a);
        poll();
        assertTrue(a.port.counter(Counter.TX_FRAMES) - sent <= 3, "what the time of the test is worth");
        assertTrue(set.hasPaused());
    }

    @Test
    void afterAnErrorNoPortIsForgotten() {
        limitEgress(a, RATE, 0);
        flood(5 * STEP_NS);
        assertTrue(set.hasPaused());
        set.activateAll();
        assertFalse(set.hasPaused());
        plane.nowNs += SECOND_NS;
        long sent = a.port.counter(Counter.TX_FRAMES);
        poll();
        assertTrue(a.port.counter(Counter.TX_FRAMES) > sent);
    }

    @Test
    void eachQueueHasItsTurn() throws Exception {
        try (Guest many = Guest.withPairs(plane.network, DataPlane.PREFIX, 77, 2)) {
            many.port.limitEgress(RATE, 0, BURST_NS, () -> plane.nowNs);
            assertNotEquals(many.port.firstPair(), many.port.firstPair());
            assertEquals(0, b.port.firstPair());
        }
    }
}
