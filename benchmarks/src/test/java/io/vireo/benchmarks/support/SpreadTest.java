package io.vireo.benchmarks.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void theMedianOfAnOddNumberIsTheMiddleOne() {
        assertEquals(new Spread(3, 1, 100), Spread.of(DoubleStream.of(100, 1, 3)));
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
        assertEquals(new Spread(2.5, 1, 9), Spread.of(DoubleStream.of(9, 2, 3, 1)));
    }

    @Test
    void oneValueIsAllThree() {
        assertEquals(new Spread(7, 7, 7), Spread.of(DoubleStream.of(7)));
    }

    @Test
    void nothingHasNoMedian() {
        assertThrows(IllegalArgumentException.class, () -> Spread.of(DoubleStream.empty()));
    }

    @Test
    void isPrintedWithItsRange() {
        assertEquals("1.08 (1.02 to 1.11)", new Spread(1.08, 1.02, 1.111).format(2));
    }
}
