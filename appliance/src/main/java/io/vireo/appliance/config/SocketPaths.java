package io.vireo.appliance.config;

import io.vireo.router.config.VhostConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads the paths of sockets that are to be bound: of all of them, no two are the same. */
final class SocketPaths {
    private final Path runtimeDir;
    private final @Nullable Host startsOn;
    private final Unique unique;
    private final Problems problems;

    /**
     * @param runtimeDir what relative paths are relative to
     * @param startsOn the host on which they must be free; null: they may be in use
     */
    SocketPaths(Path runtimeDir, @Nullable Host startsOn, Unique unique, Problems problems) {
        this.runtimeDir = runtimeDir;
        this.startsOn = startsOn;
        this.unique = unique;
        this.problems = problems;
    }

    /** Null where it is absent, or wrong in itself. */
    @Nullable
    Located<Path> read(@Nullable Located<String> text, Key key) {
        return read(text, key, VhostConfig::requireUsable);
    }

    /** @param rule what else the absolute path must be, or it throws {@link IllegalArgumentException} */
    @Nullable
    Located<Path> read(@Nullable Located<String> text, Key key, UnaryOperator<Path> rule) {
        Located<Path> path = problems.parse(text, its -> path(its, rule), key.allowed);
        if (path != null) {
            unique.isFirst("socket", path, path.value());
        }
        return path;
    }

    private Path path(String text, UnaryOperator<Path> rule) {
        Path path = runtimeDir.resolve(text).normalize();
        if (path.equals(runtimeDir) || path.getFileName() == null) {
            throw new IllegalArgumentException(path + " is a directory");
        }
        Path socket = rule.apply(path);
        if (startsOn != null) {
            requireFree(socket, startsOn);
        }
        return socket;
    }

    private void requireFree(Path path, Host host) {
        Path parent = path.getParent();
        if (parent == null || (!parent.equals(runtimeDir) && !Files.isDirectory(parent))) {
            throw new IllegalArgumentException("there is no directory " + parent);
        }
        switch (host.socketState(path)) {
            case ABSENT, STALE -> {}
            case LIVE -> throw new IllegalArgumentException(path + " is in use by another process");
            case NOT_A_SOCKET -> throw new IllegalArgumentException(path + " exists and is no socket");
        }
    }
}
