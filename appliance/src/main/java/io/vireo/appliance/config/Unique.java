package io.vireo.appliance.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds what is there twice and may be there once. */
final class Unique {
    private final Problems problems;
    private final Map<List<Object>, Located<?>> seen = new HashMap<>();

    Unique(Problems problems) {
        this.problems = problems;
    }

    /**
     * Whether it is the first of its kind with that value; a problem where it is not.
     *
     * @param value what must be unique, which may be less than what stands there
     */
    boolean isFirst(Object kind, Located<?> at, Object value) {
        Located<?> first = seen.putIfAbsent(List.of(kind, value), at);
        if (first == null) {
            return true;
        }
        problems.add(at, value + " is there already, on line " + first.line(), "each once");
        return false;
    }
}
