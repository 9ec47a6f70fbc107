package io.vireo.benchmarks.guests;

import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What a TCP client's {@code iperf3 --json} says of a whole run.
 *
 * @param bytes received by the server
 * @param bitsPerSecond at the server
 * @param retransmissions by the client
 */
record Iperf3Report(long bytes, double bitsPerSecond, long retransmissions) {
    /** @throws IllegalArgumentException for anything else, a report of an error included; it says which */
    static Iperf3Report parse(String json) {
        Object report;
        try {
            // JSON is YAML but for tabs between tokens; within strings it has none.
            report = new Load(LoadSettings.builder().setLabel("iperf3's report").build())
                    .loadFromString(json.replace('\t', ' '));
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("not a report of iperf3: " + json, e);
        }
        if (report instanceof Map<?, ?> map && map.get("error") instanceof String error) {
            throw new IllegalArgumentException("iperf3: " + error);
        }
        return new Iperf3Report(
                number(report, "end", "sum_received", "bytes").longValue(),
                number(report, "end", "sum_received", "bits_per_second").doubleValue(),
                number(report, "end", "sum_sent", "retransmits").longValue());
    }

    double gigabits() {
        return bitsPerSecond / 1e9;
    }

    private static Number number(Object report, String... path) {
        Object at = report;
        for (String key : path) {
            at = at instanceof Map<?, ?> map ? map.get(key) : null;
        }
        if (at instanceof Number number) {
            return number;
        }
        throw new IllegalArgumentException("a report of iperf3 without " + String.join(".", path));
    }
}
