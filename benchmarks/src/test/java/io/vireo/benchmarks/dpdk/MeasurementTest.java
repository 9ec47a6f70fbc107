package io.vireo.benchmarks.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.benchmarks.dpdk.Measurement.Snapshot;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasurementTest {
    /** Counters as they are after a time with a million frames a second. */
    private static Snapshot after(long seconds, long generatorDrops, long backendDrops, long inFlight) {
        long frames = seconds * 1_000_000;
        TestpmdCounters generator = new TestpmdCounters(
                frames,
                frames + inFlight + backendDrops,
                frames,
                seconds * 900_000_000,
                1,
                1,
                Map.of("TX-dropped", generatorDrops));
        Backend.Counters backend =
                new Backend.Counters(frames, frames * 60, frames * 5, frames / 32, 1, Map.of("tx-drop", backendDrops));
        return new Snapshot(seconds * 1_000_000_000, seconds * 10_000_000, generator, backend);
    }

    @Test
    void ratesAreThoseOfTheInterval() throws IOException {
        Measurement measurement = Measurement.between(after(3, 7, 512, 1024), after(8, 7, 512, 1024));
        assertEquals(new Measurement(1e6, 60, 5, 32, 0.01, 0.9), measurement);
    }

    @Test
    void aFrameDroppedByTheBackendVoidsTheRun() {
        IOException refusal =
                assertThrows(IOException.class, () -> Measurement.between(after(3, 0, 0, 1024), after(8, 0, 1, 1023)));
        assertTrue(refusal.toString().contains("backend dropped"), refusal.toString());
    }

    @Test
    void aFrameDroppedByTheGeneratorVoidsTheRun() {
        IOException refusal =
                assertThrows(IOException.class, () -> Measurement.between(after(3, 0, 0, 1024), after(8, 1, 0, 1023)));
        assertTrue(refusal.toString().contains("generator dropped"), refusal.toString());
    }

    @Test
    void anotherLoadThanTheOthersVoidsTheRun() {
        IOException refusal =
                assertThrows(IOException.class, () -> Measurement.between(after(3, 0, 0, 512), after(8, 0, 0, 512)));
        assertTrue(refusal.toString().contains("512 frames were in flight"), refusal.toString());
    }

    @Test
    void framesThatVanishUncountedVoidTheRun() {
        assertThrows(IOException.class, () -> Measurement.between(after(3, 0, 0, 1024), after(8, 0, 0, 4000)));
    }

    @Test
    void anIntervalWithoutFramesIsNone() {
        assertThrows(IOException.class, () -> Measurement.between(after(3, 0, 0, 1024), after(3, 0, 0, 1024)));
    }
}
