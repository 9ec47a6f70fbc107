package io.vireo.appliance.config;

import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: 50us. */
final class Durations {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ns|us|ms|s)");

    private Durations() {}

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
            default -> TimeUnit.SECONDS;
        };
        return unit.toNanos(Long.parseLong(matcher.group(1)));
    }
}
