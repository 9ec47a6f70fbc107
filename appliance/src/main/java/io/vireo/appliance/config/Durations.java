package io.vireo.appliance.config;

import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: 50us, 24h. */
final class Durations {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ns|us|ms|s|m|h|d)");

    private Durations() {}

    /** Whole seconds; more than an int holds are as many as it does. @throws IllegalArgumentException if it is none */
    static int parseSeconds(String text) {
        long ns = parseNs(text);
        if (ns != Long.MAX_VALUE && ns % TimeUnit.SECONDS.toNanos(1) != 0) {
            throw new IllegalArgumentException(text + " is not a whole number of seconds");
        }
        return (int) Math.min(TimeUnit.NANOSECONDS.toSeconds(ns), Integer.MAX_VALUE);
    }

    /** @throws IllegalArgumentException if it is none */
    static long parseNs(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text + " is not a duration");
        }
        TimeUnit unit = switch (matcher.group(2)) {
            case "ns" -> TimeUnit.NANOSECONDS;
            case "us" -> TimeUnit.MICROSECONDS;
            case "ms" -> TimeUnit.MILLISECONDS;
            case "s" -> TimeUnit.SECONDS;
            case "m" -> TimeUnit.MINUTES;
            case "h" -> TimeUnit.HOURS;
            default -> TimeUnit.DAYS;
        };
        return unit.toNanos(Long.parseLong(matcher.group(1)));
    }
}
