package io.vireo.router.reactor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.router.dataplane.Counter;
import io.vireo.router.dataplane.Frames;
import io.vireo.router.dataplane.Guest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Frames between guests of two reactors: {@code a} belongs to the first, {@code b} and {@code c} to the second. */
class HandedOverFramesTest {
    private static final int SLOTS = 256;
    private static final int BUFFER = 2000;

    private SteppedReactors reactors;
    private Guest a;
    private Guest b;
    private Guest c;

    @BeforeEach
    void start() throws Exception {
        reactors = new SteppedReactors(SLOTS);
        a = reactors.guest(0);
        b = reactors.guest(1);
        c = reactors.guest(1);
    }

    @AfterEach
    void close() {
        reactors.close();
    }

    private void send(Guest to, int count) {
        for (int i = 0; i < count; i++) {
            a.send(Frames.udp(a, to.ipv4(), 60 + i));
        }
    }

    private void expect(Guest guest, int first, int count) {
        List<byte[]> frames = guest.receiveFrames();
        assertEquals(count, frames.size());
        for (int i = 0; i < count; i++) {
            assertArrayEquals(Frames.forwarded(Frames.udp(a, guest.ipv4(), 60 + first + i), guest), frames.get(i));
        }
    }

    @Test
    void arriveWholeAndInOrderOnceTheOtherReactorTakesThem() {
        b.post(40, BUFFER);
        send(b, 40);
        reactors.visit(a);
        assertTrue(a.isAllTransmitted(), "the sender's chains do not wait for the receiver");
        assertTrue(b.receiveFrames().isEmpty());
        assertEquals(0, b.port.counter(Counter.RX_FRAMES), "the owner counts");
        assertEquals(40, reactors.take(1));
        expect(b, 0, 40);
        assertEquals(40, a.port.counter(Counter.TX_FRAMES));
        assertEquals(40, b.port.counter(Counter.RX_FRAMES));
        assertEquals(a.port.counter(Counter.TX_BYTES), b.port.counter(Counter.RX_BYTES));
        assertFalse(reactors.arePending(1));
    }

    @Test
    void waitInOrderForBuffersInTheReceiversBacklog() {
        b.post(2, BUFFER);
        send(b, 10);
        reactors.visit(a);
        reactors.take(1);
        expect(b, 0, 2);
        assertEquals(8, b.port.counter(Counter.RX_BACKLOGGED));
        b.post(10, BUFFER);
        reactors.visit(b);
        expect(b, 2, 8);
    }

    @Test
    void forAGuestThatTakesNothingHoldUpNobodyElse() {
        int rounds = 120;
        c.post(rounds, BUFFER);
        for (int round = 0; round < rounds; round++) {
            send(b, 60);
            a.send(Frames.udp(a, c.ipv4(), 60 + round));
            reactors.visit(a);
            assertTrue(a.isAllTransmitted());
            reactors.take(1);
        }
        expect(c, 0, rounds);
        long waiting = b.port.counter(Counter.RX_BACKLOGGED);
        long dropped = b.port.counter(Counter.RX_DROP_BACKLOG_FULL);
        assertTrue(waiting > 0 && dropped > 0);
        assertEquals(60L * rounds, waiting + dropped);
    }

    @Test
    void areDroppedAndCountedByTheSenderWhenTooManyAreOnTheirWay() {
        b.post(200, BUFFER);
        for (int round = 0; round < 5; round++) {
            send(b, 60);
            reactors.visit(a);
            assertTrue(a.isAllTransmitted());
        }
        assertEquals(5 * 60 - SLOTS, a.port.counter(Counter.TX_DROP_HANDOVER_FULL));
        while (reactors.arePending(1)) {
            reactors.take(1);
        }
        b.receiveFrames();
        b.post(100, BUFFER);
        reactors.visit(b);
        assertEquals(SLOTS, b.port.counter(Counter.RX_FRAMES));
    }

    @Test
    void forAGuestThatLeftAreDroppedByItsReactor() {
        send(b, 3);
        reactors.visit(a);
        b.port.stop(0);
        reactors.take(1);
        assertEquals(3, b.port.counter(Counter.RX_DROP_NOT_READY));
    }

    @Test
    void surviveTheLossOfAnotherReceiversMemory() throws Exception {
        b.post(10, BUFFER);
        c.post(10, BUFFER);
        send(c, 5);
        send(b, 5);
        send(c, 5);
        reactors.visit(a);
        b.loseMemory();
        InternalError lost = assertThrows(InternalError.class, () -> reactors.take(1));
        assertTrue(reactors.memoryLost(1), lost::toString);
        assertTrue(reactors.arePending(1), "all of them come again");
        assertEquals(15, reactors.take(1));
        List<byte[]> frames = c.receiveFrames();
        assertEquals(10, frames.size());
        for (int i = 0; i < 10; i++) {
            assertArrayEquals(Frames.forwarded(Frames.udp(a, c.ipv4(), 60 + i % 5), c), frames.get(i));
        }
        assertEquals(10, c.port.counter(Counter.RX_FRAMES));
        assertEquals(5, b.port.counter(Counter.RX_DROP_NOT_READY));
    }

    @Test
    void areNotHandedOnWhenTheSendersMemoryIsLost() throws Exception {
        Guest d = reactors.guest(0);
        c.post(10, BUFFER);
        d.send(Frames.udp(d, c.ipv4(), 1000), 1, 1, 1);
        d.loseMemory();
        assertThrows(InternalError.class, () -> reactors.visit(d));
        assertTrue(reactors.memoryLost(0));
        assertFalse(reactors.arePending(1));
        send(c, 3);
        reactors.visit(a);
        assertEquals(3, reactors.take(1));
        expect(c, 0, 3);
    }
}
