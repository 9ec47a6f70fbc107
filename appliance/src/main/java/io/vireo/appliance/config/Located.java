package io.vireo.appliance.config;

import org.jspecify.annotations.Nullable;

/**
 * A value of the file and where it stands there.
 *
 * @param line from 1
 * @param path of its key, such as {@code guests[0].mac}
 */
record Located<T>(T value, int line, String path) {
    /** What was read, or what counts where nothing was. */
    static <T> T orElse(@Nullable Located<T> read, T otherwise) {
        return read == null ? otherwise : read.value();
    }

    <R> Located<R> with(R other) {
        return new Located<>(other, line, path);
    }
}
