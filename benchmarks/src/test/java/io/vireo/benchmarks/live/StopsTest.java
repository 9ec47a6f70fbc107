package io.vireo.benchmarks.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class StopsTest {
    @Test
    void countsWhatTheJvmLogs() {
        List<String> log = List.of(
                "[0.453s][info][gc       ] GC(16) Pause Young (Allocation Failure) 38M->29M(61M) 1.353ms",
                "[0.453s][info][safepoint] Safepoint \"SerialCollectForAllocation\", Time since last: 990078 ns, "
                        + "Reaching safepoint: 1228 ns, At safepoint: 1368083 ns, Leaving safepoint: 1244 ns, "
                        + "Total: 1370555 ns, Threads: 0 runnable, 10 total",
                "[0.484s][info][gc       ] GC(46) Concurrent Mark Cycle",
                "[0.497s][info][safepoint] Safepoint \"ZRelocateStartOld\", Time since last: 1818356 ns, "
                        + "Reaching safepoint: 1170 ns, At safepoint: 9239 ns, Leaving safepoint: 510 ns, "
                        + "Total: 10919 ns, Threads: 0 runnable, 10 total",
                "[0.498s][info][gc       ] GC(46) Concurrent Mark Cycle 7.087ms");
        assertEquals(new Stops(2, 1_370_555, 2), Stops.of(log));
        assertEquals(new Stops(0, 0, 0), Stops.of(List.of()));
    }
}
