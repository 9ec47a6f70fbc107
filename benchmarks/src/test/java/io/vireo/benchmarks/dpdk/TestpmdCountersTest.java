package io.vireo.benchmarks.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TestpmdCountersTest {
    /** As DPDK 22.11 prints it. */
    private static final String PORTS = """
            show port stats all

              ######################## NIC statistics for port 0  ########################
              RX-packets: 50342432   RX-missed: 0          RX-bytes:  3221915648
              RX-errors: 0
              RX-nombuf:  0        \s
              TX-packets: 50342592   TX-errors: 0          TX-bytes:  3221925888

              Throughput (since last show)
              Rx-pps:      7508977          Rx-bps:   3844596608
              Tx-pps:      7508977          Tx-bps:   3844596608
              ############################################################################

              ######################## NIC statistics for port 1  ########################
              RX-packets: 50342592   RX-missed: 3          RX-bytes:  3221925888
              RX-errors: 4
              RX-nombuf:  5        \s
              TX-packets: 50342432   TX-errors: 6          TX-bytes:  3221915648

              Throughput (since last show)
              Rx-pps:      7509042          Rx-bps:   3844629920
              Tx-pps:      7509042          Tx-bps:   3844629920
              ############################################################################
            testpmd>\s""";

    private static final String FORWARDING = """
            show fwd stats all

              ---------------------- Forward statistics for port 0  ----------------------
              RX-packets: 31934336       RX-dropped: 0             RX-total: 31934336
              TX-packets: 31934304       TX-dropped: 0             TX-total: 31934304
              RX-bursts : 87946212 [98% of 0 pkts + 2% of 32 pkts]
              TX-bursts : 997947 [0% of 0 pkts + 100% of 32 pkts]
              ----------------------------------------------------------------------------

              ---------------------- Forward statistics for port 1  ----------------------
              RX-packets: 31934336       RX-dropped: 0             RX-total: 31934336
              TX-packets: 31934336       TX-dropped: 64            TX-total: 31934400
              RX-bursts : 87946213 [98% of 0 pkts + 2% of 32 pkts]
              TX-bursts : 997948 [0% of 0 pkts + 100% of 32 pkts]
              ----------------------------------------------------------------------------

              +++++++++++++++ Accumulated forward statistics for all ports+++++++++++++++
              RX-packets: 63868672       RX-dropped: 0             RX-total: 63868672
              TX-packets: 63868640       TX-dropped: 64            TX-total: 63868704
              ++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++

              CPU cycles/packet=159.74 (total cycles=10202446890 / total io packets=63868672) at 2600 MHz Clock
            testpmd>\s""";

    private final TestpmdCounters counters = TestpmdCounters.parse(PORTS, FORWARDING);

    @Test
    void framesAreThoseOfBothPorts() {
        assertEquals(50342432 + 50342592, counters.received());
        assertEquals(50342592 + 50342432, counters.transmitted());
        assertEquals(63868672, counters.forwarded());
    }

    @Test
    void cyclesBecomeNanosecondsByTheirClock() {
        assertEquals(3_924_018_035L, counters.busyNs());
    }

    @Test
    void aPollIsBusyIfABurstWasSentAfterIt() {
        assertEquals(997947 + 997948, counters.busyPolls());
        assertEquals(87946212 + 87946213 - 997947 - 997948, counters.emptyPolls());
    }

    @Test
    void everyWayToLoseAFrameIsADrop() {
        assertEquals(
                Map.of("RX-missed", 3L, "RX-errors", 4L, "RX-nombuf", 5L, "TX-errors", 6L, "TX-dropped", 64L),
                counters.drops());
    }

    @Test
    void missingCyclesAreAnError() {
        String without = FORWARDING.replace("CPU cycles", "").replace("total cycles", "");
        assertThrows(IllegalArgumentException.class, () -> TestpmdCounters.parse(PORTS, without));
    }

    @Test
    void aMissingCounterIsAnError() {
        String without = PORTS.replace("RX-nombuf", "");
        assertThrows(IllegalArgumentException.class, () -> TestpmdCounters.parse(without, FORWARDING));
    }

    @Test
    void missingBurstsAreAnError() {
        String without = FORWARDING.replace("-bursts", "");
        assertThrows(IllegalArgumentException.class, () -> TestpmdCounters.parse(PORTS, without));
    }
}
