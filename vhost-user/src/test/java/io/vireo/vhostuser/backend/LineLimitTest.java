package io.vireo.vhostuser.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LineLimitTest {
    private final AtomicLong clockNs = new AtomicLong(Long.MAX_VALUE - 1);
    private final LineLimit limit = new LineLimit(3, clockNs::get);

    @Test
    void permitsSoManyInAMinuteAndCountsTheOthers() {
        for (int minute = 0; minute < 3; minute++) {
            for (int line = 0; line < 3; line++) {
                assertTrue(limit.permits());
            }
            for (int line = 0; line < 5; line++) {
                assertFalse(limit.permits());
            }
            assertEquals(5, limit.takeOmitted());
            assertEquals(0, limit.takeOmitted());
            clockNs.addAndGet(TimeUnit.MINUTES.toNanos(1) - 1);
            assertFalse(limit.permits(), "the minute is not over");
            clockNs.incrementAndGet();
            assertEquals(1, limit.takeOmitted());
        }
    }
}
