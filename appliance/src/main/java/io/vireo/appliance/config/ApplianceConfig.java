package io.vireo.appliance.config;

import io.vireo.linux.User;
import io.vireo.router.config.RouterConfig;
import io.vireo.vsock.host.VsockGuest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A configuration that can be started.
 *
 * @param runtimeDir absolute; made when it is missing
 * @param stateDir absolute; made when it is missing; {@value #JOURNAL} in it is this appliance's
 * @param socketMode permission bits of the sockets
 * @param socketGroup number of the group that owns the sockets and the runtime directory, or empty for the process's own
 * @param user whom the process becomes when everything that takes root is done; empty: it stays who it is
 * @param vsock guests that have it; the names are those of the router's guests
 * @param services what they are served
 */
public record ApplianceConfig(
        Path runtimeDir,
        Path stateDir,
        int socketMode,
        OptionalInt socketGroup,
        Optional<User> user,
        RouterConfig router,
        List<VsockGuest> vsock,
        GuestServices services) {
    public static final int DEFAULT_SOCKET_MODE = 0660;

    /** The file of the state directory in which leases are kept. */
    public static final String JOURNAL = "leases.journal";

    public ApplianceConfig {
        vsock = List.copyOf(vsock);
    }

    /**
     * Reads a configuration file that is to be started: the runtime directory must be usable and the sockets free. Nothing
     * is changed on the host.
     *
     * @throws ConfigException with everything that is wrong
     */
    public static ApplianceConfig toStart(Path file, Host host) throws ConfigException {
        return new ConfigFile(file, host, true).read();
    }

    /** Why a directory cannot be this configuration's on the host; empty where it can, or can be made. */
    public Optional<String> faultOf(Path directory, Host host) {
        try {
            RuntimeDirectory.requireUsable(directory, host, user.orElse(null));
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Where the leases are of an appliance whose configuration names no directory, neither for them nor for sockets. */
    public static Path defaultStateDir(Host host) {
        return StateDirectory.defaultOn(host, RuntimeDirectory.defaultOn(host));
    }

    /** Reads a configuration file that may be in use already. @throws ConfigException with everything that is wrong in it */
    public static ApplianceConfig read(Path file, Host host) throws ConfigException {
        return new ConfigFile(file, host, false).read();
    }
}
