package io.vireo.router.config;

import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
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
 * the host. Each method throws {@link IllegalArgumentException} naming the first thing that is not. {@link RouterConfig} asks
 * for all of it; whoever has to say where a mistake stands asks for one thing after the other.
 */
public final class RoutingRules {
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
    private final Set<String> names;
    private final Map<String, String> networkOfGuest;
    /** Of networks with the uplink. */
    private final Claims host = new Claims();

    /**
     * @param networks of different names
     * @param names of all networks there are, which may be more
     * @param networkOfGuest names of networks by those of guests
     */
    public RoutingRules(
            Optional<UplinkConfig> uplink,
            List<NetworkConfig> networks,
            Set<String> names,
            Map<String, String> networkOfGuest) {
        this.uplink = uplink;
        this.networks = networks;
        this.names = names;
        this.networkOfGuest = networkOfGuest;
        networks.stream()
                .filter(network -> network.routing().usesUplink())
                .forEach(network -> hostBlocks(network).forEach(block -> host.add(block, network.name())));
    }

    static RoutingRules of(Optional<UplinkConfig> uplink, List<NetworkConfig> networks, List<VhostConfig> guests) {
        Map<String, String> networkOfGuest = new HashMap<>();
        guests.forEach(guest -> networkOfGuest.put(guest.name(), guest.network()));
        Set<String> names = networks.stream().map(NetworkConfig::name).collect(Collectors.toSet());
        return new RoutingRules(uplink, networks, names, networkOfGuest);
    }

    void require() {
        for (NetworkConfig network : networks) {
            network.routing().peers().forEach(peer -> requirePeer(network.name(), peer));
            requireRoutes(network, requireApart(network));
        }
        for (NetworkConfig network : networks) {
            if (network.routing().usesUplink()) {
                requireUplink(network.name());
                requireApartForHost(network);
            }
        }
        uplink.flatMap(UplinkConfig::ipv4).ifPresent(this::requireOutside);
        uplink.flatMap(UplinkConfig::ipv6).ifPresent(this::requireOutside);
    }

    // ---- peers

    public void requirePeer(String network, String peer) {
        if (peer.equals(network)) {
            throw new IllegalArgumentException("network " + peer + ": it cannot be its own peer");
        }
        if (!names.contains(peer)) {
            throw new IllegalArgumentException(
                    "network %s: there is no network %s to be its peer".formatted(network, peer));
        }
    }

    /**
     * Nothing of a network and its peers leads to guests of two of them.
     *
     * @return what leads to them
     */
    public Claims requireApart(NetworkConfig network) {
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
                requirePrefix(route, network, claims);
                if (!taken.add(to)) {
                    throw new IllegalArgumentException("there is another one to the same prefix");
                }
                requireTarget(route.target(), network.name());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "network %s: route to %s: %s".formatted(network.name(), to, e.getMessage()), e);
            }
        }
    }

    /** @param claims of {@link #requireApart} */
    public static void requirePrefix(StaticRoute route, NetworkConfig network, Claims claims) {
        Block to = Block.of(route);
        requireForwarded(to);
        if (!to.isIpv4() && network.ipv6().isEmpty()) {
            throw new IllegalArgumentException("the network has no IPv6");
        }
        claims.covering(to, "").ifPresent(other -> {
            throw new IllegalArgumentException("it is inside " + other);
        });
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

    /** That there is a guest of that name in the network; for the uplink, see {@link #requireUplink}. */
    public void requireTarget(RouteTarget target, String network) {
        if (target instanceof RouteTarget.Guest(String name)) {
            String its = networkOfGuest.get(name);
            if (its == null) {
                throw new IllegalArgumentException("there is no guest " + name);
            }
            if (!its.equals(network)) {
                throw new IllegalArgumentException("guest %s is of network %s".formatted(name, its));
            }
        }
    }

    // ---- the host's view

    public void requireUplink(String network) {
        if (uplink.isEmpty()) {
            throw new IllegalArgumentException("network %s: there is no uplink".formatted(network));
        }
    }

    /**
     * No address that the host sends to this network, or this one to the host, is of another network with the uplink; and
     * the world is on one side of it.
     */
    public void requireApartForHost(NetworkConfig network) {
        if (network.routing().routes().stream()
                .anyMatch(route -> route.isDefault() && route.target() instanceof RouteTarget.Guest)) {
            throw new IllegalArgumentException(
                    "network %s cannot have both the uplink and a default route by way of a guest"
                            .formatted(network.name()));
        }
        Stream<Block> routes = network.routing().routes().stream()
                .filter(route -> route.target() instanceof RouteTarget.Uplink)
                .map(Block::of);
        Stream.concat(hostBlocks(network), routes).forEach(block -> requireDistinct(block, network));
    }

    /** An address of the uplink itself. */
    public void requireOutside(Ipv4Address address) {
        requireOutside(Block.of(new Ipv4Prefix(address, Integer.SIZE)));
    }

    public void requireOutside(Ipv6Address address) {
        requireOutside(Block.of(Ipv6Prefix.of(address, Ipv6Prefix.MAX_LENGTH)));
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
