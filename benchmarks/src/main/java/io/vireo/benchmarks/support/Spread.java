package io.vireo.benchmarks.support;

import java.util.Locale;
import java.util.stream.DoubleStream;

/** What several measurements of one thing came to. */
public record Spread(double median, double lowest, double highest) {
    /** Of an even number, the median is the mean of the two in the middle. @throws IllegalArgumentException if there are none */
    public static Spread of(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("nothing was measured");
        }
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    /** As {@code 1.08 (1.02 to 1.11)}. */
    public String format(int decimals) {
        String number = "%." + decimals + "f";
        return String.format(Locale.ROOT, number + " (" + number + " to " + number + ")", median, lowest, highest);
    }
}
