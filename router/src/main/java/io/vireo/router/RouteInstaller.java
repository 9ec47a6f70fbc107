package io.vireo.router;

import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouteTarget;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.StaticRoute;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.dataplane.Network;
import io.vireo.router.dataplane.Route;
import io.vireo.router.dataplane.Routes;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has each network of the data plane route as is configured. */
final class RouteInstaller {
    private static final Logger LOG = LoggerFactory.getLogger(RouteInstaller.class);

    private static final Ipv4Prefix ALL_IPV4 = Ipv4Prefix.parse("0.0.0.0/0");
    private static final Ipv6Prefix ALL_IPV6 = Ipv6Prefix.parse("::/0");

    private final RouterConfig config;
    private final Map<String, Network> networks;
    private final Map<String, NetPort> ports;

    /** @param networks all that are configured, as {@code ports} are; by name */
    RouteInstaller(RouterConfig config, Map<String, Network> networks, Map<String, NetPort> ports) {
        this.config = config;
        this.networks = networks;
        this.ports = ports;
    }

    void install() {
        for (NetworkConfig network : config.networks()) {
            Routes routes = routesOf(network);
            networkOf(network).routes(routes);
            int configured = network.routing().routes().size();
            if (configured > 0) {
                LOG.info("network {}: {} routes take {} KiB", network.name(), configured, routes.memory() / 1024);
            }
        }
    }

    private Network networkOf(NetworkConfig network) {
        return Objects.requireNonNull(networks.get(network.name()));
    }

    private Routes routesOf(NetworkConfig network) {
        Map<Ipv4Prefix, Route> ipv4 = new HashMap<>();
        Map<Ipv6Prefix, Route> ipv6 = new HashMap<>();
        if (network.routing().uplink()) {
            ipv4.put(ALL_IPV4, Route.UPLINK);
            ipv6.put(ALL_IPV6, Route.UPLINK);
        }
        if (network.routing().usesUplink()) {
            config.networks().stream()
                    .filter(other -> other.routing().usesUplink())
                    .forEach(other -> hide(other, ipv4, ipv6));
        }
        lead(network, Route.UNREACHABLE, ipv4, ipv6); // what no guest has
        for (NetworkConfig peer : config.peersOf(network)) {
            lead(peer, Route.to(networkOf(peer)), ipv4, ipv6);
        }
        for (StaticRoute route : network.routing().routes()) {
            switch (route) {
                case StaticRoute.Ipv4 its -> ipv4.put(its.to(), routeTo(its.target()));
                case StaticRoute.Ipv6 its -> ipv6.put(its.to(), routeTo(its.target()));
            }
        }
        return new Routes(ipv4, ipv6);
    }

    /** Networks that are no peers do not reach each other by way of the host either, nor what is behind their guests. */
    private static void hide(NetworkConfig other, Map<Ipv4Prefix, Route> ipv4, Map<Ipv6Prefix, Route> ipv6) {
        lead(other, Route.UNREACHABLE, ipv4, ipv6);
        for (StaticRoute route : other.routing().routesToHost()) {
            switch (route) {
                case StaticRoute.Ipv4 its -> ipv4.put(its.to(), Route.UNREACHABLE);
                case StaticRoute.Ipv6 its -> ipv6.put(its.to(), Route.UNREACHABLE);
            }
        }
    }

    private static void lead(
            NetworkConfig network, Route route, Map<Ipv4Prefix, Route> ipv4, Map<Ipv6Prefix, Route> ipv6) {
        ipv4.put(network.ipv4(), route);
        network.ipv6Prefixes().forEach(prefix -> ipv6.put(prefix, route));
    }

    private Route routeTo(RouteTarget target) {
        return switch (target) {
            case RouteTarget.Guest(String name) -> Route.via(Objects.requireNonNull(ports.get(name)));
            case RouteTarget.Uplink() -> Route.UPLINK;
            case RouteTarget.Blackhole() -> Route.BLACKHOLE;
        };
    }
}
