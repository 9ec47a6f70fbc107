package io.vireo.benchmarks.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UplinkSnapshotTest {
    /** Counters as they are after a time with a million frames a second, of four million that could have been sent. */
    private static UplinkSnapshot after(long seconds, long lost) {
        long frames = seconds * 1_000_000;
        TestpmdCounters source = new TestpmdCounters(4 * frames, frames, frames, 1, 1, 1, Map.of());
        Backend.Counters backend =
                new Backend.Counters(frames, frames * 600, frames * 5, frames / 64, 1, Map.of("tx-drop-x", lost));
        return new UplinkSnapshot(seconds * 1_000_000_000, frames - lost, source, backend, seconds * 10_000_000);
    }

    @Test
    void ratesAreThoseOfTheIntervalAsItArrived() throws IOException {
        assertEquals(new Measurement(1e6, 600, 5, 64, 0.01, 0.25), UplinkSnapshot.between(after(3, 7), after(8, 7)));
    }

    @Test
    void aFewFramesMayBeUnderWay() throws IOException {
        assertEquals(
                998_000, UplinkSnapshot.between(after(3, 0), after(8, 10_000)).framesPerSecond());
    }

    @Test
    void framesThatVanishVoidTheRun() {
        IOException refusal =
                assertThrows(IOException.class, () -> UplinkSnapshot.between(after(3, 0), after(8, 160_000)));
        assertTrue(refusal.toString().contains("of 5000000 frames sent 4840000 arrived"), refusal.toString());
    }

    @Test
    void framesThatAppearVoidTheRun() {
        assertThrows(IOException.class, () -> UplinkSnapshot.between(after(3, 160_000), after(8, 0)));
    }

    @Test
    void anIntervalWithoutFramesIsNone() {
        assertThrows(IOException.class, () -> UplinkSnapshot.between(after(3, 0), after(3, 0)));
    }
}
