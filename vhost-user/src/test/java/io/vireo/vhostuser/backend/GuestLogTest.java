package io.vireo.vhostuser.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class GuestLogTest {
    private final AtomicLong clockNs = new AtomicLong(5);

    @Test
    void writesTheFirstLinesOfAMinuteAndSaysHowManyThereWereBeyond() throws Exception {
        try (CapturedLog log = new CapturedLog()) {
            GuestLog vm1 = new GuestLog("vm1", new LineLimit(2, clockNs::get));
            for (int i = 0; i < 10; i++) {
                vm1.warn("line " + i);
            }
            new GuestLog("vm2", new LineLimit(2, clockNs::get)).info("another's");
            clockNs.addAndGet(TimeUnit.MINUTES.toNanos(1));
            vm1.error("later", new IllegalStateException("for a test"));
            assertEquals("vm1: line 0", log.next());
            assertEquals("vm1: line 1", log.next());
            assertEquals("vm2: another's", log.next());
            assertEquals("vm1: 8 lines about it were left out", log.next());
            assertEquals("vm1: later", log.next());
        }
    }
}
