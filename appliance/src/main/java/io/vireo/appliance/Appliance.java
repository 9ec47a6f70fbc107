package io.vireo.appliance;

import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.linux.CurrentProcess;
import io.vireo.linux.User;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.router.Router;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A router with its runtime directory and its sockets' permissions. */
public final class Appliance implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Appliance.class);

    private static final int PRIVATE_UMASK = 0077;
    private static final int RUNTIME_DIR_MODE = 0750;
    private static final int STATE_DIR_MODE = 0700;

    private final Router router;

    private Appliance(Router router) {
        this.router = router;
    }

    /** When it returns, every socket listens, with the mode and group that the configuration says. */
    public static Appliance start(ApplianceConfig config) throws IOException {
        CurrentProcess.setUmask(PRIVATE_UMASK); // no socket is ever open wider than it will be
        makeDirectory(config.runtimeDir(), RUNTIME_DIR_MODE, config.user(), config.socketGroup());
        makeDirectory(config.stateDir(), STATE_DIR_MODE, config.user(), OptionalInt.empty());
        warnOfSmallPools(config.router());
        return new Appliance(
                Router.start(config.router(), socket -> setAccess(socket, config.socketMode(), config.socketGroup())));
    }

    /** Such a configuration is no mistake, as not all guests need be there at a time, but nobody should have to find out. */
    private static void warnOfSmallPools(RouterConfig config) {
        for (NetworkConfig network : config.networks()) {
            Ipv4Range pool = network.pool().orElse(null);
            if (pool == null) {
                continue;
            }
            List<VhostConfig> guests = config.guests().stream()
                    .filter(guest -> guest.network().equals(network.name()))
                    .toList();
            long leasing = guests.stream().filter(guest -> !guest.hasIpv4()).count();
            long fixed = guests.stream()
                    .filter(guest -> guest.hasIpv4() && pool.contains(guest.ipv4()))
                    .count();
            if (leasing > pool.size() - fixed) {
                LOG.warn(
                        "network {}: {} guests lease addresses of a pool that has {} for them",
                        network.name(),
                        leasing,
                        pool.size() - fixed);
            }
        }
    }

    private static void makeDirectory(Path directory, int mode, Optional<User> user, OptionalInt group)
            throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectory(directory);
            if (user.isPresent()) {
                Files.setAttribute(directory, "unix:uid", user.get().id());
            }
            setAccess(directory, mode, group);
        }
    }

    private static void setAccess(Path path, int mode, OptionalInt group) throws IOException {
        if (group.isPresent()) {
            try {
                Files.setAttribute(path, "unix:gid", group.getAsInt());
            } catch (FileSystemException e) {
                throw new IOException(
                        "cannot give %s to group %d: %s; run as root or as a member of the group"
                                .formatted(path, group.getAsInt(), e.getReason()),
                        e);
            }
        }
        try {
            Files.setAttribute(path, "unix:mode", mode);
        } catch (FileSystemException e) {
            throw new IOException("cannot set mode %o on %s: %s".formatted(mode, path, e.getReason()), e);
        }
    }

    public Router router() {
        return router;
    }

    @Override
    public void close() {
        router.shutdown();
    }
}
