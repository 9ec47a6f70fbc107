package io.vireo.benchmarks.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PerfdhcpTest {
    private static final String REPORT = """
            ***Rate statistics***
            Rate: 199.44 4-way exchanges/second, expected rate: 200

            ***Statistics for: DISCOVER-OFFER***
            sent packets: 500
            received packets: 500
            drops: 0

            ***Statistics for: REQUEST-ACK***
            sent packets: 500
            received packets: 499
            drops: 1
            """;

    @Test
    void readsHowManyLeasesWereAcknowledged() {
        assertEquals(499, Perfdhcp.acknowledged(REPORT));
    }

    @Test
    void anotherOutputIsNoReport() {
        assertThrows(IllegalArgumentException.class, () -> Perfdhcp.acknowledged("perfdhcp: no such interface"));
    }
}
