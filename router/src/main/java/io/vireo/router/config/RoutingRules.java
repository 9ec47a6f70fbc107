package io.vireo.router.config;

import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What makes the routes of all networks consistent: no address leads to two places, neither from within a network nor from
 * the host. Each method throws {@link IllegalArgumentException} naming the first thing that is not.
 */
final class RoutingRules {
    /** No network's and no guest's: what no router forwards (RFC 6890), link-local addresses of IPv4 aside. */
    private static final List<Block> NOT_FORWARDED = Stream.concat(
                    Stream.of("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4")
                            .map(Ipv4Prefix::parse)
                            .map(Block::of),
                    Stream.of("::/16", "fe80::/10", "ff00::/8")
                            .map(Ipv6Prefix::parse)
                            .map(Block::of))
            .toList();

    private static final Block LINK_LOCAL_GATEWAY =
            Block.of(new Ipv4Prefix(new Ipv4Address(Gateway.GATEWAY_IPV4_LINK_LOCAL), Integer.SIZE));

    private static final Block LINK_LOCAL = Block.of(Ipv4Prefix.parse("169.254.0.0/16"));

    private final Optional<UplinkConfig> uplink;
    private final List<NetworkConfig> networks;
    private final Map<String, String> networkOfGuest = new HashMap<>();
    /** Of networks with the uplink. */
    private final Claims host = new Claims();

    /** @param networks of different names */
    RoutingRules(Optional<UplinkConfig> uplink, List<NetworkConfig> networks, List<VhostConfig> guests) {
        this.uplink = uplink;
        this.networks = networks;
        guests.forEach(guest -> networkOfGuest.put(guest.name(), guest.network()));
    }

    void require() {
        Set<String> names = networks.stream().map(NetworkConfig::name).collect(Collectors.toSet());
        for (NetworkConfig network : networks) {
            requirePeers(network, names);
            requireRoutes(network, claimsAround(network));
        }
        requireUplink();
    }

    private static void requirePeers(NetworkConfig network, Set<String> names) {
        for (String peer : network.routing().peers()) {
            if (peer.equals(network.name())) {
                throw new IllegalArgumentException("network " + peer + ": it cannot be its own peer");
            }
            if (!names.contains(peer)) {
                throw new IllegalArgumentException(
                        "network %s: there is no network %s to be its peer".formatted(network.name(), peer));
            }
        }
    }

    /** What leads to guests of a network and of its peers. */
    private Claims claimsAround(NetworkConfig network) {
        Claims claims = new Claims();
        List<NetworkConfig> group = Stream.concat(Stream.of(network), RouterConfig.peersOf(network, networks).stream())
                .toList();
        group.forEach(one -> blocksOf(one).forEach(block -> claims.add(block, one.name())));
        for (NetworkConfig one : group) {
            for (Block block : blocksOf(one)) {
                claims.covering(block, one.name()).ifPresent(other -> {
                    throw new IllegalArgumentException(
                            "network %s: among it and its peers, %s of network %s overlaps %s"
                                    .formatted(network.name(), block, one.name(), other));
                });
            }
        }
        return claims;
    }

    private static List<Block> blocksOf(NetworkConfig network) {
        return Stream.concat(
                        Stream.of(Block.of(network.ipv4())),
                        network.ipv6Prefixes().stream().map(Block::of))
                .toList();
    }

    // ---- routes

    private void requireRoutes(NetworkConfig network, Claims claims) {
        Set<Block> taken = new HashSet<>();
        for (StaticRoute route : network.routing().routes()) {
            Block to = Block.of(route);
            try {
                requireForwarded(to);
                if (!to.isIpv4() && network.ipv6().isEmpty()) {
                    throw new IllegalArgumentException("the network has no IPv6");
                }
                claims.covering(to, "").ifPresent(other -> {
                    throw new IllegalArgumentException("it is inside " + other);
                });
                if (!taken.add(to)) {
                    throw new IllegalArgumentException("there is another one to the same prefix");
                }
                requireTarget(route.target(), network);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "network %s: route to %s: %s".formatted(network.name(), to, e.getMessage()), e);
            }
        }
    }

    private static void requireForwarded(Block to) {
        boolean gateway = isWithin(to, LINK_LOCAL) && isWithin(LINK_LOCAL_GATEWAY, to);
        if (gateway || NOT_FORWARDED.stream().anyMatch(block -> isWithin(to, block))) {
            throw new IllegalArgumentException("it is not a prefix that packets are forwarded to");
        }
    }

    private static boolean isWithin(Block inner, Block outer) {
        return inner.isIpv4() == outer.isIpv4() && outer.bits().contains(inner.bits());
    }

    private void requireTarget(RouteTarget target, NetworkConfig network) {
        if (target instanceof RouteTarget.Guest(String name)) {
            String its = networkOfGuest.get(name);
            if (its == null) {
                throw new IllegalArgumentException("there is no guest " + name);
            }
            if (!its.equals(network.name())) {
                throw new IllegalArgumentException("guest %s is of network %s".formatted(name, its));
            }
        }
    }

    // ---- the host's view

    private void requireUplink() {
        List<NetworkConfig> outgoing = networks.stream()
                .filter(network -> network.routing().usesUplink())
                .toList();
        if (outgoing.isEmpty()) {
            return;
        }
        UplinkConfig way = uplink.orElseThrow(() -> new IllegalArgumentException(
                "network %s: there is no uplink".formatted(outgoing.getFirst().name())));
        outgoing.forEach(network -> hostBlocks(network).forEach(block -> host.add(block, network.name())));
        for (NetworkConfig network : outgoing) {
            Stream<Block> routes = network.routing().routes().stream()
                    .filter(route -> route.target() instanceof RouteTarget.Uplink)
                    .map(Block::of);
            Stream.concat(hostBlocks(network), routes).forEach(block -> requireDistinct(block, network));
        }
        Stream.concat(
                        way.ipv4().map(address -> Block.of(new Ipv4Prefix(address, Integer.SIZE))).stream(),
                        way.ipv6().map(address -> Block.of(Ipv6Prefix.of(address, Ipv6Prefix.MAX_LENGTH))).stream())
                .forEach(this::requireOutside);
    }

    /** What the host sends to the uplink for a network. */
    private static Stream<Block> hostBlocks(NetworkConfig network) {
        return Stream.concat(
                blocksOf(network).stream(),
                network.routing().routesToHost().stream().map(Block::of));
    }

    private void requireDistinct(Block block, NetworkConfig network) {
        host.covering(block, network.name()).ifPresent(other -> {
            throw new IllegalArgumentException(
                    "networks %s and %s cannot both have the uplink: %s of network %s overlaps %s"
                            .formatted(network.name(), other.network(), block, network.name(), other));
        });
    }

    private void requireOutside(Block address) {
        host.covering(address, "").ifPresent(other -> {
            throw new IllegalArgumentException(
                    "uplink: its own address %s is inside %s, which has the uplink".formatted(address, other));
        });
    }
}
