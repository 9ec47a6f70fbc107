package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorAllowanceTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final ErrorAllowance allowance = new ErrorAllowance();

    private int takeAll(long nowNs) {
        int taken = 0;
        while (allowance.tryTake(nowNs)) {
            taken++;
        }
        return taken;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -5, Long.MIN_VALUE, Long.MAX_VALUE})
    void allowsABurstWhateverTheTime(long nowNs) {
        assertEquals(ErrorAllowance.BURST, takeAll(nowNs));
        assertEquals(0, takeAll(nowNs));
        assertEquals(ErrorAllowance.BURST, takeAll(nowNs + SECOND_NS), "the clock may wrap");
    }

    @Test
    void allowsSoManyASecondToWhoTriesAlways() {
        takeAll(0);
        int taken = 0;
        for (long nowNs = 0; nowNs < 10 * SECOND_NS; nowNs += 1_000_000) {
            taken += allowance.tryTake(nowNs) ? 1 : 0;
        }
        assertEquals(10 * ErrorAllowance.PER_SECOND - 1, taken);
    }

    @Test
    void savesUpNoMoreThanABurst() {
        takeAll(0);
        assertEquals(
                ErrorAllowance.BURST / 2, takeAll(SECOND_NS * ErrorAllowance.BURST / 2 / ErrorAllowance.PER_SECOND));
        assertEquals(ErrorAllowance.BURST, takeAll(1000 * SECOND_NS));
    }
}
