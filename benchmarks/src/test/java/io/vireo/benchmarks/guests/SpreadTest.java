package io.vireo.benchmarks.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void anOddNumberHasAMiddleOne() {
        assertEquals(new Spread(3, 1, 9), Spread.of(9, 1, 3));
    }

    @Test
    void ofAnEvenNumberTwoShareTheMiddle() {
        assertEquals(new Spread(2.5, 1, 4), Spread.of(4, 2, 1, 3));
    }

    @Test
    void nothingHasNoMedian() {
        assertThrows(IllegalArgumentException.class, Spread::of);
    }
}
