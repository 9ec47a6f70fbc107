package io.vireo.router.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TimeSheetTest {
    private long nowNs = 1000;
    private int clockReadings;
    private final TimeSheet time = new TimeSheet(() -> {
        clockReadings++;
        return nowNs;
    });

    @Test
    void readsNoClockWhileThereIsWork() {
        clockReadings = 0;
        for (int i = 0; i < 100; i++) {
            time.busy();
        }
        assertEquals(0, clockReadings);
    }

    @Test
    void keepsWorkVainPollsAndSleepApart() {
        time.busy();
        nowNs += 300;
        assertEquals(0, time.empty(), "the turns so far were work");
        nowNs += 20;
        assertEquals(20, time.empty());
        nowNs += 5;
        assertEquals(25, time.empty());
        nowNs += 1;
        time.fallAsleep();
        nowNs += 4000;
        time.wake();
        time.busy();
        nowNs += 70;
        assertEquals(new ReactorCounters(370, 26, 4000, 2, 3, 1), time.counters());
    }

    @Test
    void countsFromTheFirstEmptyTurnAgainAfterWork() {
        time.empty();
        nowNs += 60;
        assertEquals(60, time.empty());
        time.busy();
        nowNs += 7;
        assertEquals(0, time.empty());
        nowNs += 8;
        assertEquals(8, time.empty());
        assertEquals(new ReactorCounters(7, 68, 0, 1, 4, 0), time.counters());
    }

    @Test
    void accountsForAllTime() {
        long startNs = nowNs;
        for (int i = 0; i < 1000; i++) {
            nowNs += i % 13;
            if (i % 7 < 3) {
                time.busy();
            } else if (time.empty() > 20) {
                time.fallAsleep();
                nowNs += 50;
                time.wake();
            }
        }
        ReactorCounters counters = time.counters();
        assertEquals(nowNs - startNs, counters.busyNs() + counters.idleNs() + counters.asleepNs());
    }

    @Test
    void labelsAreWhatScriptsRead() {
        ReactorCounters counters = new ReactorCounters(1, 2, 3, 4, 5, 6);
        assertEquals(
                List.of("busy-ns", "idle-ns", "asleep-ns", "busy-polls", "empty-polls", "sleeps"),
                List.copyOf(counters.labelled().keySet()));
        assertEquals(
                List.of(1L, 2L, 3L, 4L, 5L, 6L), List.copyOf(counters.labelled().values()));
    }
}
