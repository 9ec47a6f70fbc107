package io.vireo.appliance.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with one file while it is being read. */
final class Problems {
    private final Path file;
    private final List<ConfigProblem> found = new ArrayList<>();

    Problems(Path file) {
        this.file = file;
    }

    void add(int line, String key, String problem, String allowed) {
        found.add(new ConfigProblem(file, line, key, problem, allowed));
    }

    void add(Located<?> at, String problem, String allowed) {
        add(at.line(), at.path(), problem, allowed);
    }

    /** What {@code parse} makes of the value; null, and a problem, where it throws {@link IllegalArgumentException}. */
    <T, R> @Nullable Located<R> parse(@Nullable Located<T> value, Function<T, R> parse, String allowed) {
        if (value == null) {
            return null;
        }
        try {
            return value.with(parse.apply(value.value()));
        } catch (IllegalArgumentException e) {
            add(value, String.valueOf(e.getMessage()), allowed);
            return null;
        }
    }

    /** So that a reader of a part can tell whether anything in it was wrong. */
    int size() {
        return found.size();
    }

    ConfigException toException() {
        return new ConfigException(found.stream()
                .sorted(Comparator.comparingInt(ConfigProblem::line))
                .toList());
    }
}
