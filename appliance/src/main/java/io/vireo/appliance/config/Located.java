package io.vireo.appliance.config;

/**
 * A value of the file and where it stands there.
 *
 * @param line from 1
 * @param path of its key, such as {@code guests[0].mac}
 */
record Located<T>(T value, int line, String path) {
    <R> Located<R> with(R other) {
        return new Located<>(other, line, path);
    }
}
