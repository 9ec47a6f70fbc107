package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.appliance.config.Example.Rule;
import io.vireo.router.config.Rate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How much a guest may send and be given. */
class RateKeysTest {
    private static final String SOCKET = "socket: vm1.sock";
    private static final String KEYS = "egress, ingress, egress-packets, ingress-packets, burst";
    private static final String BITS =
            "; allowed: a whole number of kbit, Mbit or Gbit a second, such as 500Mbit, 64kbit to 1000Gbit";
    private static final String PACKETS =
            "; allowed: a whole number a second, with k or M for thousands or millions, 1 to 1000M";
    private static final String BURST = "; allowed: a whole number of ms or s, 1ms to 10s, beside a limit";

    @TempDir
    Path folder;

    private static Rule rule(String rate, String problem) {
        return new Rule(SOCKET, "rate: " + rate, "FILE:17: guests[0].rate" + problem);
    }

    static Stream<Rule> wrong() {
        return Stream.of(
                rule("1Gbit", ": is the text \"1Gbit\"; allowed: a mapping of the keys " + KEYS),
                rule("{out: 1Gbit}", ".out: unknown key; allowed: " + KEYS),
                rule("{egress: 1000}", ".egress: is the integer 1000, not text (write it in quotes)" + BITS),
                rule("{egress: 1mbps}", ".egress: 1mbps is no rate in bits" + BITS),
                rule("{egress: 1.5Gbit}", ".egress: 1.5Gbit is no rate in bits" + BITS),
                rule("{ingress: 63kbit}", ".ingress: 63kbit is out of range" + BITS),
                rule("{ingress: 1001Gbit}", ".ingress: 1001Gbit is out of range" + BITS),
                rule("{egress-packets: 0}", ".egress-packets: 0 is out of range" + PACKETS),
                rule("{egress-packets: -1}", ".egress-packets: -1 is no rate in packets" + PACKETS),
                rule("{egress-packets: 1G}", ".egress-packets: 1G is no rate in packets" + PACKETS),
                rule("{ingress-packets: 1001M}", ".ingress-packets: 1001M is out of range" + PACKETS),
                rule("{ingress-packets: [1]}", ".ingress-packets: is a list" + PACKETS),
                rule("{egress: 1Gbit, burst: 11s}", ".burst: 11s is out of range" + BURST),
                rule("{egress: 1Gbit, burst: 999us}", ".burst: 999us is out of range" + BURST),
                rule("{burst: 10ms}", ".burst: limits nothing alone" + BURST));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void refuses(Rule rule) throws IOException {
        rule.requireRefused(folder);
    }

    private Rate read(String rate) throws Exception {
        String text = Example.with(SOCKET, "rate: " + rate);
        return Example.read(text, folder).router().guests().getFirst().rate();
    }

    @Test
    void readsEveryKey() throws Exception {
        assertEquals(
                new Rate(1_000_000_000, 500_000_000, 100_000, 5000, 50_000_000),
                read("{egress: 1Gbit, ingress: 500Mbit, egress-packets: 100k, ingress-packets: 5000, burst: 50ms}"));
    }

    @ParameterizedTest
    @CsvSource({"64kbit, 64000", "64Kbit, 64000", "10mbit, 10000000", "1000Gbit, 1000000000000"})
    void readsBits(String text, long bits) throws Exception {
        assertEquals(new Rate(bits, 0, 0, 0, Rate.DEFAULT_BURST_NS), read("{egress: " + text + "}"));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "\"1\", 1", "20k, 20000", "1000M, 1000000000"})
    void readsPackets(String text, long packets) throws Exception {
        assertEquals(new Rate(0, 0, 0, packets, Rate.DEFAULT_BURST_NS), read("{ingress-packets: " + text + "}"));
    }

    @Test
    void withoutItThereIsNoLimit() throws Exception {
        assertEquals(
                Rate.UNLIMITED,
                Example.read(Example.TEXT, folder).router().guests().getFirst().rate());
    }
}
