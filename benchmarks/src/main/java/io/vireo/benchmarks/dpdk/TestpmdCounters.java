package io.vireo.benchmarks.dpdk;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What {@code show port stats all} and {@code show fwd stats all} say, both ports together. With {@code --record-core-cycles}
 * DPDK 22.11 takes the time stamp counter around each poll of a port that received frames, forwarding included, and leaves
 * out the polls that found nothing: so its cycles are busy cycles.
 *
 * @param received frames that the ports received, since they were started
 * @param transmitted frames that the ports sent, since they were started
 * @param forwarded frames received since forwarding was started
 * @param busyNs nanoseconds spent on them
 * @param busyPolls polls of a port that received something
 * @param emptyPolls polls of a port that did not
 * @param drops frames lost, by the name that testpmd has for it
 */
record TestpmdCounters(
        long received,
        long transmitted,
        long forwarded,
        long busyNs,
        long busyPolls,
        long emptyPolls,
        Map<String, Long> drops) {
    private static final Pattern PORT_COUNTER = Pattern.compile("([RT]X-[a-z]+) *: +(\\d+)");
    private static final Pattern BURSTS = Pattern.compile("([RT]X)-bursts *: +(\\d+) ");
    private static final Pattern CYCLES =
            Pattern.compile("total cycles=(\\d+) / total \\S+ packets=(\\d+)\\) at (\\d+) MHz");

    /** Between counters of each port and those of all. */
    private static final String ALL = "Accumulated forward statistics";

    /** @throws IllegalArgumentException if something is missing */
    static TestpmdCounters parse(String ports, String forwarding) {
        Map<String, Long> port = sums(PORT_COUNTER, ports);
        int all = forwarding.indexOf(ALL);
        Matcher cycles = CYCLES.matcher(forwarding);
        if (all < 0 || !cycles.find()) {
            throw new IllegalArgumentException("no cycles");
        }
        Map<String, Long> bursts = sums(BURSTS, forwarding);
        Map<String, Long> sum = sums(PORT_COUNTER, forwarding.substring(all));
        // Each poll that received is followed by one burst to transmit.
        long busyPolls = value(bursts, "TX");
        Map<String, Long> drops = new LinkedHashMap<>();
        for (String name : new String[] {"RX-missed", "RX-errors", "RX-nombuf", "TX-errors"}) {
            drops.put(name, value(port, name));
        }
        drops.put("TX-dropped", value(sum, "TX-dropped"));
        return new TestpmdCounters(
                value(port, "RX-packets"),
                value(port, "TX-packets"),
                Long.parseLong(cycles.group(2)),
                nanoseconds(Long.parseLong(cycles.group(1)), Long.parseLong(cycles.group(3))),
                busyPolls,
                value(bursts, "RX") - busyPolls,
                drops);
    }

    private static long nanoseconds(long cycles, long megahertz) {
        return Math.round(cycles * 1e3 / megahertz);
    }

    private static Map<String, Long> sums(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .collect(Collectors.toMap(
                        found -> found.group(1), (MatchResult found) -> Long.parseLong(found.group(2)), Long::sum));
    }

    private static long value(Map<String, Long> values, String name) {
        Long value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no " + name);
        }
        return value;
    }
}
