package io.vireo.benchmarks.dpdk;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The counters that {@code vireo run} prints at SIGUSR1, among log lines: {@code NAME COUNTER VALUE}, a line each. */
final class VireoCounters {
    static final Pattern LINE = Pattern.compile("^(\\S+ [a-z][a-z0-9-]*) (\\d+)$", Pattern.MULTILINE);

    /** From the first line of a printing to the same line of the next. */
    static final Pattern TWICE = Pattern.compile("^(\\S+ [a-z][a-z0-9-]*) \\d+$[\\s\\S]*^\\1 \\d+$", Pattern.MULTILINE);

    private static final String REACTOR = "reactor-0 ";

    private VireoCounters() {}

    /**
     * The first of two or more printings, by name and counter, as in {@code "g0 tx-frames"}. Only the beginning of the second
     * tells that the first is complete; empty without it.
     */
    static Optional<Map<String, Long>> firstOf(String text) {
        Map<String, Long> values = new LinkedHashMap<>();
        for (MatchResult line : LINE.matcher(text).results().toList()) {
            if (values.putIfAbsent(line.group(1), Long.parseLong(line.group(2))) != null) {
                return Optional.of(values);
            }
        }
        return Optional.empty();
    }

    /** @throws IllegalArgumentException if the reactor's time is not among them */
    static Backend.Counters of(Map<String, Long> values) {
        Map<String, Long> drops = values.entrySet().stream()
                .filter(entry -> entry.getKey().contains("-drop-"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        long frames = values.entrySet().stream()
                .filter(entry ->
                        entry.getKey().endsWith(" rx-frames") || entry.getKey().endsWith(" out-packets"))
                .mapToLong(Map.Entry::getValue)
                .sum();
        return new Backend.Counters(
                frames,
                reactor(values, "busy-ns"),
                reactor(values, "idle-ns") + reactor(values, "asleep-ns"),
                reactor(values, "busy-polls"),
                reactor(values, "empty-polls"),
                drops);
    }

    private static long reactor(Map<String, Long> values, String counter) {
        Long value = values.get(REACTOR + counter);
        if (value == null) {
            throw new IllegalArgumentException("no counter " + REACTOR + counter);
        }
        return value;
    }
}
