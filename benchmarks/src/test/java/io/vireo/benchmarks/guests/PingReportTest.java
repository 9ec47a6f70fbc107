package io.vireo.benchmarks.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PingReportTest {
    private static final String REPORT = """
            PING 10.0.0.6 (10.0.0.6): 56 data bytes
            64 bytes from 10.0.0.6: seq=0 ttl=64 time=12.750 ms
            64 bytes from 10.0.0.6: seq=1 ttl=64 time=0.412 ms
            64 bytes from 10.0.0.6: seq=2 ttl=64 time=0.398 ms

            --- 10.0.0.6 ping statistics ---
            4 packets transmitted, 3 packets received, 25% packet loss
            round-trip min/avg/max = 0.398/4.520/12.750 ms
            """;

    @Test
    void aSlowFirstAnswerDoesNotMoveTheMedian() {
        assertEquals(0.412, PingReport.medianMilliseconds(REPORT));
    }

    @Test
    void silenceHasNoMedian() {
        assertThrows(
                IllegalArgumentException.class,
                () -> PingReport.medianMilliseconds("PING 10.0.0.6 (10.0.0.6): 56 data bytes"));
    }
}
