package io.vireo.router.routes;

import java.util.List;
import java.util.Map;

/** Checks the values that prefixes are given. */
final class Values {
    private Values() {}

    /** The prefixes' values in their order. @throws IllegalArgumentException if a table cannot hold one */
    static <P> int[] of(Map<P, Integer> prefixes, List<P> sorted) {
        int[] values = sorted.stream().mapToInt(prefixes::get).toArray();
        for (int value : values) {
            if (value < 0 || value == Integer.MAX_VALUE) {
                throw new IllegalArgumentException("value " + value + " is not within 0 to 2^31 - 2");
            }
        }
        return values;
    }
}
