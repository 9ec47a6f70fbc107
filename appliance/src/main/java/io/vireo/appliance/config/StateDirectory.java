package io.vireo.appliance.config;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where what outlives the process is when nothing else is said. */
final class StateDirectory {
    private static final String NAME = "vireo";

    private StateDirectory() {}

    /**
     * {@code /var/lib/vireo} for root, else {@code $XDG_STATE_HOME/vireo} (XDG Base Directory Specification: a relative path
     * there counts as unset), else {@code ~/.local/state/vireo}. A user without that folder, as a service often is, has the
     * runtime directory instead, whose leases may not outlive the machine's next start.
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
        if (home == null || !home.startsWith("/")) {
            return runtimeDir;
        }
        Path state = Path.of(home, ".local", "state");
        return Files.isWritable(state) ? state.resolve(NAME) : runtimeDir;
    }
}
