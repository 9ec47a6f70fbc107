package io.vireo.benchmarks.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.benchmarks.support.Spread;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SummaryTest {
    @Test
    void aRatioIsOfTheRunsOfOneRound() {
        Summary summary = new Summary(List.of(round(1, 4, 2), round(2, 10, 2), round(4, 12, 24)));
        assertEquals(new Spread(4, 3, 5), summary.ratio(Contestant.OFFLOADS, Contestant.PLAIN));
        assertEquals(new Spread(2, 0.5, 5), summary.ratio(Contestant.OFFLOADS, Contestant.BRIDGE));
    }

    @Test
    void theTextHasEachContestantAndBothRatios() {
        String text = new Summary(List.of(round(1, 4, 2))).text();
        for (Contestant contestant : Contestant.values()) {
            assertTrue(text.contains("\n" + contestant + "  "), text);
        }
        assertTrue(text.contains("offloads / none:         4.00 (4.00 to 4.00)\n"), text);
        assertTrue(text.contains("Vireo / kernel's bridge: 2.00 (2.00 to 2.00)\n"), text);
    }

    @Test
    void aRoundIsComplete() {
        Summary summary = new Summary(List.of(Map.of(Contestant.PLAIN, measurement(1))));
        assertThrows(IllegalArgumentException.class, summary::text);
    }

    private static Map<Contestant, Measurement> round(double plain, double offloads, double bridge) {
        return Map.of(
                Contestant.PLAIN, measurement(plain),
                Contestant.OFFLOADS, measurement(offloads),
                Contestant.BRIDGE, measurement(bridge));
    }

    private static Measurement measurement(double gigabits) {
        return new Measurement(new Iperf3Report(1_000_000_000, gigabits * 1e9, 0), 0.5, new CpuTimes(10, 3, 2, 1));
    }
}
