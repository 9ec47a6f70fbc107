package io.vireo.appliance.config;

import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.Prefixes;
import io.vireo.router.config.RouteTarget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds the networks' routes, peers and uplinks against one another, the guests and the uplink. */
final class RoutingRules {
    private final Map<String, ReadNetwork> networks;
    private final Map<String, String> networkOfGuest;
    private final UplinkReader uplink;
    private final Problems problems;

    /**
     * @param networks by name
     * @param networkOfGuest names of networks by those of guests
     */
    RoutingRules(
            Map<String, ReadNetwork> networks,
            Map<String, String> networkOfGuest,
            UplinkReader uplink,
            Problems problems) {
        this.networks = networks;
        this.networkOfGuest = networkOfGuest;
        this.uplink = uplink;
        this.problems = problems;
    }

    void check() {
        networks.forEach((name, network) -> {
            for (Located<RouteTarget> target : network.routing().targets()) {
                problems.parse(target, its -> requireThere(its, name), Key.ROUTE_VIA.allowed);
            }
            for (Located<String> peer : network.routing().peers()) {
                problems.parse(peer, its -> requirePeer(its, name), Key.PEERS.allowed);
            }
        });
        checkPeersAmongThemselves();
        checkUplinks();
    }

    private RouteTarget requireThere(RouteTarget target, String network) {
        switch (target) {
            case RouteTarget.Blackhole() -> {}
            case RouteTarget.Uplink() -> requireUplink();
            case RouteTarget.Guest(String guest) -> {
                String its = networkOfGuest.get(guest);
                if (its == null) {
                    throw new IllegalArgumentException("there is no guest " + guest);
                }
                if (!its.equals(network)) {
                    throw new IllegalArgumentException("guest " + guest + " is in network " + its);
                }
            }
        }
        return target;
    }

    private boolean requireUplink() {
        if (!uplink.isThere()) {
            throw new IllegalArgumentException("there is no uplink at the top of the file");
        }
        return true;
    }

    private String requirePeer(String peer, String network) {
        if (peer.equals(network)) {
            throw new IllegalArgumentException(peer + " is this network itself");
        }
        ReadNetwork other = networks.get(peer);
        if (other == null) {
            throw new IllegalArgumentException("there is no network " + peer);
        }
        requireApart(networks.get(network), other);
        return peer;
    }

    /** Whoever is the peer of two networks must know which of them an address is in. */
    private void checkPeersAmongThemselves() {
        Map<String, List<String>> peersOf = new LinkedHashMap<>();
        networks.forEach((name, network) -> {
            for (Located<String> peer : network.routing().peers()) {
                problems.parse(
                        peer,
                        its -> {
                            requireApartFromPeers(its, name, peersOf);
                            requireApartFromPeers(name, its, peersOf);
                            return its;
                        },
                        Key.PEERS.allowed);
            }
        });
    }

    /** Adds the peer to the network's if it has no address in common with one of them. */
    private void requireApartFromPeers(String peer, String network, Map<String, List<String>> peersOf) {
        List<String> peers = peersOf.computeIfAbsent(network, _ -> new ArrayList<>());
        if (!peers.contains(peer)) {
            for (String other : peers) {
                requireApart(networks.get(peer), networks.get(other));
            }
            peers.add(peer);
        }
    }

    private void checkUplinks() {
        List<ReadNetwork> before = new ArrayList<>();
        for (ReadNetwork network : networks.values()) {
            if (network.routing().hasUplink()) {
                problems.parse(
                        network.routing().uplink(),
                        _ -> {
                            requireUplink();
                            before.forEach(other -> requireApart(network, other));
                            return network;
                        },
                        Key.NETWORK_UPLINK.allowed);
                checkOwnAddresses(network.config());
                before.add(network);
            }
        }
    }

    private void checkOwnAddresses(@Nullable NetworkConfig network) {
        if (network == null) {
            return;
        }
        Prefixes its = network.prefixes();
        problems.parse(uplink.ipv4(), own -> requireOutside(its.contains(own), own, network), Key.UPLINK_IPV4.allowed);
        problems.parse(uplink.ipv6(), own -> requireOutside(its.contains(own), own, network), Key.UPLINK_IPV6.allowed);
    }

    private static Object requireOutside(boolean isInside, Object own, NetworkConfig network) {
        if (isInside) {
            throw new IllegalArgumentException(own + " is an address of network " + network.name());
        }
        return own;
    }

    /** What is not known, or wrong, is apart from everything. */
    private static void requireApart(@Nullable ReadNetwork a, @Nullable ReadNetwork b) {
        NetworkConfig one = a == null ? null : a.config();
        NetworkConfig other = b == null ? null : b.config();
        if (one != null && other != null) {
            Optional<String> overlap = one.prefixes().overlap(other.prefixes());
            overlap.ifPresent(prefixes -> {
                throw new IllegalArgumentException(
                        prefixes + ": networks " + one.name() + " and " + other.name() + " share addresses");
            });
        }
    }
}
