package io.vireo.vsock.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CreditTest {
    private final Credit credit = new Credit();

    /** Has so many bytes sent, and forwarded by the peer. */
    private void pass(long bytes) {
        int sent = 0;
        long left = bytes;
        while (left > 0) {
            int part = (int) Math.min(left, 1 << 30);
            credit.spend(part);
            sent += part;
            assertTrue(credit.update(1 << 30, sent));
            left -= part;
        }
    }

    @Test
    void isNoneBeforeThePeerSpeaks() {
        assertEquals(0, credit.available());
    }

    @Test
    void isWhatThePeerHasRoomFor() {
        assertTrue(credit.update(1000, 0));
        credit.spend(600);
        assertEquals(400, credit.available());
        assertTrue(credit.update(1000, 100));
        assertEquals(500, credit.available());
        assertTrue(credit.update(1000, 600));
        assertEquals(1000, credit.available());
    }

    @Test
    void goesOnWhereTheCountersWrap() {
        pass((1L << 32) - 10);
        assertTrue(credit.update(100, -10));
        credit.spend(50);
        assertEquals(50, credit.available());
        assertTrue(credit.update(100, -1));
        assertEquals(59, credit.available());
        assertTrue(credit.update(100, 40));
        assertEquals(100, credit.available());
        assertFalse(credit.update(100, -1), "that was long ago");
    }

    @Test
    void refusesACountThatRunsBackwards() {
        assertTrue(credit.update(1000, 0));
        credit.spend(100);
        assertTrue(credit.update(1000, 50));
        assertFalse(credit.update(1000, 49));
    }

    @Test
    void refusesACountAheadOfWhatWasSent() {
        assertTrue(credit.update(1000, 0));
        credit.spend(100);
        assertFalse(credit.update(1000, 101));
        assertFalse(credit.update(1000, Integer.MIN_VALUE));
        assertFalse(credit.update(1000, -1));
    }

    @Test
    void isNoneWhereThePeersBufferShrankBelowWhatIsUnderWay() {
        assertTrue(credit.update(1000, 0));
        credit.spend(600);
        assertTrue(credit.update(500, 0));
        assertEquals(0, credit.available());
        assertTrue(credit.update(0, 600));
        assertEquals(0, credit.available());
        assertTrue(credit.update(1, 600));
        assertEquals(1, credit.available());
    }

    @Test
    void takesTheLargestBufferThatAPeerCanName() {
        assertTrue(credit.update(-1, 0));
        assertEquals(Integer.MAX_VALUE, credit.available());
    }

    @Test
    void isAskedForOnceUntilThereIsSome() {
        assertTrue(credit.update(0, 0));
        assertFalse(credit.isAsked());
        credit.ask();
        assertTrue(credit.update(0, 0));
        assertTrue(credit.isAsked(), "two who have none would ask each other for ever");
        assertTrue(credit.update(10, 0));
        assertFalse(credit.isAsked());
    }

    @Test
    void agreesWithCountersThatDoNotWrap() {
        Random random = new Random(6);
        pass((1L << 32) - 100_000);
        long sent = (1L << 32) - 100_000;
        long forwarded = sent;
        for (int i = 0; i < 200_000; i++) {
            int buffer = random.nextInt(5000);
            forwarded += random.nextLong(sent - forwarded + 1);
            assertTrue(credit.update(buffer, (int) forwarded));
            int available = (int) Math.max(0, buffer - (sent - forwarded));
            assertEquals(available, credit.available());
            int part = random.nextInt(available + 1);
            credit.spend(part);
            sent += part;
        }
    }
}
