package io.vireo.benchmarks.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CpuTimesTest {
    @Test
    void aProcessHasItsOwnTimeAndThatOfItsChildrenWhateverItsName() {
        String stat = "17 (a) b (c d) S 1 16 15 0 -1 4194560 1 2 3 4 100 20 7 3 20 0 1 0 99 0 0";
        assertEquals(new CpuTimes.ProcessTimes(15, 1_070_000_000, 230_000_000), CpuTimes.ProcessTimes.parse(stat));
    }

    @Test
    void whatIsNeitherTheGuestsNorTheNetworksIsTheRest() {
        CpuTimes before = new CpuTimes(100, 10, 20, 5);
        CpuTimes after = new CpuTimes(200, 40, 40, 15);
        assertEquals(new CpuTimes(100, 30, 20, 10), after.minus(before));
        assertEquals(40, after.minus(before).rest());
    }

    @Test
    void noSessionHasNoTime() throws IOException {
        CpuTimes now = CpuTimes.now(Set.of(), 7);
        assertEquals(0, now.guestUser() + now.guestSystem());
        assertEquals(7, now.network());
    }
}
