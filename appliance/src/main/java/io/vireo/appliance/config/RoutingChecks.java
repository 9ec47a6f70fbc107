package io.vireo.appliance.config;

import io.vireo.router.config.Claims;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouteTarget;
import io.vireo.router.config.RoutingRules;
import io.vireo.router.config.StaticRoute;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds where the networks' routes, peers and uplinks contradict one another, the guests or the uplink. */
final class RoutingChecks {
    private final Map<String, ReadNetwork> networks;
    private final UplinkReader uplink;
    private final RoutingRules rules;
    private final Problems problems;
    private final Set<Located<String>> contradictory = new HashSet<>();

    /**
     * @param networks by name
     * @param sound those without a fault
     * @param networkOfGuest names of networks by those of guests
     */
    RoutingChecks(
            Map<String, ReadNetwork> networks,
            List<NetworkConfig> sound,
            Map<String, String> networkOfGuest,
            UplinkReader uplink,
            Problems problems) {
        this.networks = networks;
        this.uplink = uplink;
        this.problems = problems;
        rules = new RoutingRules(uplink.orStandIn(), sound, networks.keySet(), networkOfGuest);
    }

    void check() {
        networks.forEach((name, network) -> {
            checkPeersAndTargets(name, network.routing());
            if (network.config() != null) {
                checkAddresses(network.config(), network.routing());
            }
        });
        require(uplink.ipv4(), rules::requireOutside, Key.UPLINK_IPV4);
        require(uplink.ipv6(), rules::requireOutside, Key.UPLINK_IPV6);
    }

    /** A problem where the rule throws {@link IllegalArgumentException}. */
    private <T> void require(@Nullable Located<T> at, Consumer<T> rule, Key key) {
        problems.parse(
                at,
                value -> {
                    rule.accept(value);
                    return value;
                },
                key.allowed);
    }

    private void checkPeersAndTargets(String name, ReadRouting routing) {
        for (Located<String> peer : routing.peers()) {
            require(peer, its -> rules.requirePeer(name, its), Key.PEERS);
        }
        for (Located<RouteTarget> target : routing.targets()) {
            require(target, its -> rules.requireTarget(its, name), Key.ROUTE_VIA);
            if (target.value() instanceof RouteTarget.Uplink) {
                require(target, _ -> rules.requireUplink(name), Key.ROUTE_VIA);
            }
        }
        if (routing.hasUplink()) {
            require(routing.uplink(), _ -> rules.requireUplink(name), Key.NETWORK_UPLINK);
        }
    }

    private void checkAddresses(NetworkConfig network, ReadRouting routing) {
        Claims claims = claims(network, peerOf(network.name(), routing));
        if (claims != null) {
            for (Located<StaticRoute> route : routing.routes()) {
                require(route, its -> RoutingRules.requirePrefix(its, network, claims), Key.ROUTE_TO);
            }
        }
        require(routing.usesUplink(), _ -> rules.requireApartForHost(network), Key.NETWORK_UPLINK);
    }

    /** What leads to guests of the network and its peers; null, and one problem for both sides, where it is not clear. */
    private @Nullable Claims claims(NetworkConfig network, @Nullable Located<String> peer) {
        if (peer == null) {
            return rules.requireApart(network);
        }
        if (contradictory.contains(peer)) {
            return null;
        }
        Located<Claims> claims = problems.parse(peer, _ -> rules.requireApart(network), Key.PEERS.allowed);
        if (claims == null) {
            contradictory.add(peer);
            return null;
        }
        return claims.value();
    }

    /** Where it is said that a network has a peer: there, or with the other; null where it has none. */
    private @Nullable Located<String> peerOf(String name, ReadRouting routing) {
        return routing.peers().stream()
                .findFirst()
                .orElseGet(() -> networks.values().stream()
                        .flatMap(other -> other.routing().peers().stream())
                        .filter(peer -> peer.value().equals(name))
                        .findFirst()
                        .orElse(null));
    }
}
