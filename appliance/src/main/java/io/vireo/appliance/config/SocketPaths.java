package io.vireo.appliance.config;

import io.vireo.router.config.VhostConfig;
import io.vireo.vhostuser.backend.VhostUserSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads the paths of sockets: of all of them, no two are the same. */
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

    /**
     * Where a device meets its frontend. Who listens there is no problem if it may be the frontend.
     *
     * @param mode null where it is wrong
     * @return null where it is absent, or wrong in itself
     */
    @Nullable
    Located<VhostUserSocket> read(@Nullable Located<String> text, Key key, VhostUserSocket.@Nullable Mode mode) {
        boolean isBound = mode == VhostUserSocket.Mode.SERVER;
        Located<Path> path = read(text, key, isBound, VhostConfig::requireUsable);
        return path == null || mode == null ? null : path.with(new VhostUserSocket(path.value(), mode));
    }

    /**
     * One that is to be bound.
     *
     * @param rule what else the absolute path must be, or it throws {@link IllegalArgumentException}
     */
    @Nullable
    Located<Path> read(@Nullable Located<String> text, Key key, UnaryOperator<Path> rule) {
        return read(text, key, true, rule);
    }

    private @Nullable Located<Path> read(
            @Nullable Located<String> text, Key key, boolean isBound, UnaryOperator<Path> rule) {
        Located<Path> path = problems.parse(text, its -> path(its, isBound, rule), key.allowed);
        if (path != null) {
            unique.isFirst("socket", path, path.value());
        }
        return path;
    }

    private Path path(String text, boolean isBound, UnaryOperator<Path> rule) {
        Path path = runtimeDir.resolve(text).normalize();
        if (path.equals(runtimeDir) || path.getFileName() == null) {
            throw new IllegalArgumentException(path + " is a directory");
        }
        Path socket = rule.apply(path);
        if (startsOn != null) {
            requireDirectoryOf(socket);
            if (isBound) {
                requireFree(socket, startsOn);
            }
        }
        return socket;
    }

    private void requireDirectoryOf(Path path) {
        Path parent = path.getParent();
        if (parent == null || (!parent.equals(runtimeDir) && !Files.isDirectory(parent))) {
            throw new IllegalArgumentException("there is no directory " + parent);
        }
    }

    private static void requireFree(Path path, Host host) {
        switch (host.socketState(path)) {
            case ABSENT, STALE -> {}
            case LIVE -> throw new IllegalArgumentException(path + " is in use by another process");
            case NOT_A_SOCKET -> throw new IllegalArgumentException(path + " exists and is no socket");
        }
    }
}
