package io.vireo.router;

import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Tun;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouteTarget;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.StaticRoute;
import io.vireo.router.config.UplinkConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.router.dataplane.Network;
import io.vireo.router.dataplane.Uplink;
import io.vireo.router.host.HostRoute;
import io.vireo.router.host.UplinkKeeper;
import io.vireo.router.reactor.Reactor;
import io.vireo.router.uplink.UplinkQueue;
import io.vireo.router.uplink.UplinkQueues;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The uplink as a whole: each reactor's end of it, its device, and what the host knows of the guests. */
final class UplinkService implements AutoCloseable {
    private final UplinkConfig config;
    private final List<NetworkConfig> networks;
    private final Map<String, Network> dataPlane;
    private final Map<String, Integer> mtuOfGuests;
    private final SharedMemory backlogs;
    private final List<Uplink> ends = new ArrayList<>();
    private final List<Reactor> reactors = new ArrayList<>();
    private final UplinkKeeper keeper;

    /**
     * @param uplink that of {@code router}
     * @param dataPlane all of its networks, by name
     */
    UplinkService(UplinkConfig uplink, RouterConfig router, Map<String, Network> dataPlane) throws LinuxException {
        config = uplink;
        this.dataPlane = dataPlane;
        networks = router.networks().stream()
                .filter(network -> network.routing().usesUplink())
                .toList();
        mtuOfGuests = router.guests().stream().collect(Collectors.toMap(VhostConfig::name, VhostConfig::mtu));
        List<Network> behind = networks.stream().map(this::dataPlaneOf).toList();
        long size = Uplink.memorySize(config.mtu());
        backlogs = SharedMemory.allocate("vireo-uplink-backlogs", router.reactors() * size);
        for (int i = 0; i < router.reactors(); i++) {
            ends.add(new Uplink(config.mtu(), behind, backlogs.address() + i * size));
        }
        try {
            keeper = new UplinkKeeper(config, new Device(), this::routes);
        } catch (LinuxException e) {
            backlogs.close();
            throw e;
        }
        behind.forEach(network -> network.onChange(keeper::changed));
    }

    private Network dataPlaneOf(NetworkConfig network) {
        return Objects.requireNonNull(dataPlane.get(network.name()));
    }

    /** The uplink as the reactor of that number has it. */
    Uplink end(int reactor) {
        return ends.get(reactor);
    }

    /**
     * Makes the device and all that the host needs to know.
     *
     * @param all the reactors, in order, which must be running
     * @throws IOException if that is not possible
     */
    void start(List<Reactor> all) throws IOException {
        reactors.addAll(all);
        keeper.start();
    }

    /** Used by the keeper's thread. */
    private final class Device implements UplinkKeeper.DeviceMaker {
        @Override
        public void make() throws IOException {
            reactors.forEach(Reactor::leaveUplink); // what they hold of the last one would be in the way of the next
            List<UplinkQueue> queues = UplinkQueues.of(Tun.open(config.tun(), reactors.size()));
            for (int i = 0; i < queues.size(); i++) {
                try {
                    reactors.get(i).serve(queues.get(i), errno -> keeper.lost());
                } catch (RuntimeException e) {
                    queues.subList(i, queues.size()).forEach(UplinkQueue::close);
                    throw e;
                }
            }
        }

        @Override
        public boolean isWhole() {
            return reactors.stream().allMatch(Reactor::servesUplink);
        }
    }

    // ---- what the host knows

    private Set<HostRoute> routes() {
        Set<HostRoute> routes = new HashSet<>();
        for (NetworkConfig network : networks) {
            routes.add(HostRoute.unreachable(network.ipv4()));
            network.ipv6Prefixes().forEach(prefix -> routes.add(HostRoute.unreachable(prefix)));
            Network its = dataPlaneOf(network);
            its.ipv4Ports()
                    .forEach((address, port) ->
                            routes.add(HostRoute.toGuest(new Ipv4Prefix(address, Integer.SIZE), port.mtu())));
            its.ipv6Ports().forEach((prefix, port) -> routes.add(HostRoute.toGuest(prefix, port.mtu())));
            network.routing().routesToHost().forEach(route -> routes.add(behindGuest(route)));
        }
        return routes;
    }

    private HostRoute behindGuest(StaticRoute route) {
        int mtu = route.target() instanceof RouteTarget.Guest(String name)
                ? Objects.requireNonNull(mtuOfGuests.get(name))
                : config.mtu();
        return switch (route) {
            case StaticRoute.Ipv4 its -> HostRoute.toGuest(its.to(), mtu);
            case StaticRoute.Ipv6 its -> HostRoute.toGuest(its.to(), mtu);
        };
    }

    /** The thread that alone needs privileges once all has started. */
    UplinkKeeper keeper() {
        return keeper;
    }

    /** Takes the routes back; the device goes when the reactors let go of it. While they still run. */
    void stop() {
        keeper.close();
    }

    /** Releases the memory; the reactors have ended. */
    @Override
    public void close() {
        backlogs.close();
    }
}
