package io.vireo.benchmarks.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class RateSearchTest {
    private static int highest(int capacity) throws IOException {
        return RateSearch.highest(rate -> Math.min(1.0, (double) capacity / rate), 250, 64_000, 1.0);
    }

    @Test
    void closesInOnTheCapacityFromBelow() throws IOException {
        for (int capacity : new int[] {250, 999, 1000, 12_345, 63_000}) {
            int found = highest(capacity);
            assertTrue(found <= capacity && found >= capacity * 0.95, capacity + ": " + found);
        }
    }

    @Test
    void aServerThatFailsAtOnceHasNoRate() throws IOException {
        assertEquals(0, highest(249));
    }

    @Test
    void theLimitIsNotExceeded() throws IOException {
        int found = highest(1_000_000);
        assertTrue(found <= 64_000 && found >= 60_000, "" + found);
    }
}
