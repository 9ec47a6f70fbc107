package io.vireo.benchmarks.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class CpusTest {
    @Test
    void readsTheKernelsLists() {
        assertEquals(List.of(0, 1, 2, 3, 8, 10, 11), Cpus.parse("0-3,8,10-11"));
    }

    @Test
    void whatIsNotMeasuredKeepsAwayFromBoth() {
        assertEquals(List.of(0, 3), new Cpus(1, 2, List.of(0, 1, 2, 3)).rest());
    }

    @Test
    void withTwoCpusTheBackendsIsKeptClear() {
        assertEquals(List.of(1), new Cpus(0, 1, List.of(0, 1)).rest());
    }

    @Test
    void oneCpuCannotServeBoth() {
        assertThrows(IllegalArgumentException.class, () -> new Cpus(1, 1, List.of(0, 1)));
        assertThrows(IllegalArgumentException.class, () -> new Cpus(0, 2, List.of(0, 1)));
    }
}
