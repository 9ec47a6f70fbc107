package io.vireo.benchmarks.guests;

import io.vireo.benchmarks.support.Spread;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/** The output of ping, line by line. */
final class PingReport {
    private static final Pattern TIME = Pattern.compile(" time=([0-9.]+) ms$", Pattern.MULTILINE);

    private PingReport() {}

    /** @throws IllegalArgumentException if nothing has answered */
    static double medianMilliseconds(String output) {
        double[] trips = TIME.matcher(output)
                .results()
                .map((MatchResult line) -> line.group(1))
                .mapToDouble(Double::parseDouble)
                .toArray();
        if (trips.length == 0) {
            throw new IllegalArgumentException("no answer to a ping: " + output);
        }
        return Spread.of(DoubleStream.of(trips)).median();
    }
}
