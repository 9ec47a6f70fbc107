package io.vireo.benchmarks.dpdk;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class GeneratorTest {
    private static final String SPLIT = "virtio_ethdev_negotiate_features(): features after negotiate = 100018020\n";
    private static final String PACKED = "virtio_ethdev_negotiate_features(): features after negotiate = 500018020\n";

    @Test
    void bothPortsHaveTheRingsThatWereAskedFor() {
        assertDoesNotThrow(() -> Generator.requireNegotiated(Ring.SPLIT, SPLIT + SPLIT));
        assertDoesNotThrow(() -> Generator.requireNegotiated(Ring.PACKED, PACKED + PACKED));
    }

    @Test
    void splitRingsAreNotTakenForPackedOnes() {
        assertThrows(IOException.class, () -> Generator.requireNegotiated(Ring.PACKED, SPLIT + SPLIT));
        assertThrows(IOException.class, () -> Generator.requireNegotiated(Ring.PACKED, PACKED + SPLIT));
    }

    @Test
    void aLogWithoutFeaturesProvesNothing() {
        assertThrows(IOException.class, () -> Generator.requireNegotiated(Ring.SPLIT, "EAL: hello\n"));
    }
}
