package io.vireo.benchmarks.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

class VireoCountersTest {
    private static final String PRINTED = """
            g0 tx-frames 628864
            g0 rx-frames 628448
            g1 tx-frames 629824
            11:56:54.476 INFO  g0: frontend disconnected
            g1 rx-frames 629472
            g1 tx-drop-spoofed-ipv4 1024
            reactor-0 busy-ns 4000
            reactor-0 idle-ns 300
            reactor-0 asleep-ns 77
            reactor-0 busy-polls 20
            reactor-0 empty-polls 1
            """;

    private static Backend.Counters parse(String text) {
        return VireoCounters.of(VireoCounters.firstOf(text + text).orElseThrow());
    }

    @Test
    void framesAreThoseDeliveredToAnyGuest() {
        assertEquals(628448 + 629472, parse(PRINTED).frames());
    }

    @Test
    void packetsForTheHostAreDeliveredToo() {
        assertEquals(
                628448 + 629472 + 5,
                parse(PRINTED + "uplink-0 out-packets 5\nuplink-0 in-packets 3\n")
                        .frames());
    }

    @Test
    void theReactorsTimeIsReadByItsNames() {
        Backend.Counters counters = parse(PRINTED);
        assertEquals(4000, counters.busyNs());
        assertEquals(300 + 77, counters.emptyNs());
        assertEquals(20, counters.busyPolls());
        assertEquals(1, counters.emptyPolls());
    }

    @Test
    void whateverIsCalledADropIsOne() {
        assertEquals(Map.of("g1 tx-drop-spoofed-ipv4", 1024L), parse(PRINTED).drops());
    }

    @Test
    void aPrintingIsCompleteWhenTheNextHasBegun() {
        String second = PRINTED.replaceAll("\\d+\n", "999\n");
        assertTrue(VireoCounters.firstOf(PRINTED).isEmpty());
        assertFalse(VireoCounters.TWICE.matcher(PRINTED).find());
        String both = PRINTED + second.substring(0, second.indexOf('\n') + 1);
        assertTrue(VireoCounters.TWICE.matcher(both).find());
        assertEquals(628864, VireoCounters.firstOf(both).orElseThrow().get("g0 tx-frames"));
    }

    @Test
    void timeThatIsNotToldIsAnError() {
        String without = PRINTED.replace("busy-ns", "other");
        assertThrows(IllegalArgumentException.class, () -> parse(without));
    }
}
