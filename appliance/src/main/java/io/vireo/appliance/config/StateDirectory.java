package io.vireo.appliance.config;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where what outlives the process is when nothing else is said. */
final class StateDirectory {
    private static final String NAME = "vireo";

    private StateDirectory() {}

    /**
     * {@code /var/lib/vireo} for root, else {@code $XDG_STATE_HOME/vireo} or {@code ~/.local/state/vireo} (XDG Base Directory
     * Specification) where their parent is there, else the runtime directory.
     */
    static Path defaultOn(Host host, Path runtimeDir) {
        if (host.userId() == 0) {
            return Path.of("/var/lib", NAME);
        }
        String xdg = host.environment("XDG_STATE_HOME");
        if (xdg != null && xdg.startsWith("/")) {
            return Path.of(xdg, NAME);
        }
        String home = host.environment("HOME");
        Path state = Path.of(home == null ? "/" : home, ".local", "state");
        return Files.isWritable(state) ? state.resolve(NAME) : runtimeDir;
    }
}
