package io.vireo.appliance;

import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.appliance.services.ServiceHandlers;
import io.vireo.linux.CurrentProcess;
import io.vireo.linux.User;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.router.Router;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.vsock.host.VsockHost;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A router, and what guests have over vsock, with the runtime directory and the sockets' permissions. */
public final class Appliance implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Appliance.class);

    private static final int PRIVATE_UMASK = 0077;
    private static final int RUNTIME_DIR_MODE = 0750;
    private static final int STATE_DIR_MODE = 0700;

    private final Router router;
    private final ServiceHandlers services;
    private final VsockHost vsock;

    private Appliance(Router router, ServiceHandlers services, VsockHost vsock) {
        this.router = router;
        this.services = services;
        this.vsock = vsock;
    }

    /** When it returns, every socket listens, with the mode and group that the configuration says. */
    public static Appliance start(ApplianceConfig config) throws IOException {
        CurrentProcess.setUmask(PRIVATE_UMASK); // no socket is ever open wider than it will be
        makeDirectory(config.runtimeDir(), RUNTIME_DIR_MODE, config.user(), config.socketGroup());
        makeDirectory(config.stateDir(), STATE_DIR_MODE, config.user(), OptionalInt.empty());
        warnOfSmallPools(config.router());
        Router router =
                Router.start(config.router(), socket -> setAccess(socket, config.socketMode(), config.socketGroup()));
        try {
            return withVsock(config, router);
        } catch (IOException | RuntimeException e) {
            router.shutdown();
            throw e;
        }
    }

    private static Appliance withVsock(ApplianceConfig config, Router router) throws IOException {
        ServiceHandlers services = ServiceHandlers.open(config.services());
        try {
            VsockHost vsock = VsockHost.start(
                    config.vsock(),
                    services.byPort(),
                    socket -> setAccess(socket, config.socketMode(), config.socketGroup()));
            return new Appliance(router, services, vsock);
        } catch (IOException | RuntimeException e) {
            services.close();
            throw e;
        }
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

    /** What was counted of frames, of sockets and by services, for people. */
    public String countersText() {
        StringBuilder text = new StringBuilder(router.countersText());
        vsock.counters()
                .forEach((guest, counters) ->
                        counters.forEach((counter, value) -> append(text, guest, "vsock-" + counter.label(), value)));
        vsock.programCounters()
                .forEach((guest, counters) -> counters.forEach(
                        (counter, value) -> append(text, guest, "vsock-uds-" + counter.label(), value)));
        services.counters()
                .forEach((service, counters) ->
                        counters.forEach((counter, value) -> append(text, service, label(counter), value)));
        return text.toString();
    }

    private static String label(Enum<?> counter) {
        return counter.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void append(StringBuilder text, String guest, String counter, long value) {
        if (value != 0) {
            text.append("%s %s %d%n".formatted(guest, counter, value));
        }
    }

    @Override
    public void close() {
        vsock.close();
        services.close();
        router.shutdown();
    }
}
