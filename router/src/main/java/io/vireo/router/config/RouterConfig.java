package io.vireo.router.config;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything a router is started with: the whole is consistent, or the constructor throws
 * {@link IllegalArgumentException} naming the first thing that is not.
 *
 * @param reactors threads of the data plane, 1 to {@value #MAX_REACTORS}
 * @param idle what they do when there is nothing to do
 * @param leases the file in which leases survive a restart; empty: they do not
 * @param uplink empty: no network has one
 * @param networks names are unique; prefixes may overlap, but for those of peers, and of networks that have the uplink
 * @param guests names, MACs and sockets are unique, addresses are within one network; each guest's network is there, and has
 *     an address for it or a pool
 */
public record RouterConfig(
        int reactors,
        IdlePolicy idle,
        Optional<Path> leases,
        Optional<UplinkConfig> uplink,
        List<NetworkConfig> networks,
        List<VhostConfig> guests) {
    public static final int MAX_REACTORS = 64;

    public RouterConfig {
        if (reactors < 1 || reactors > MAX_REACTORS) {
            throw new IllegalArgumentException("reactors " + reactors + " is not within 1 to " + MAX_REACTORS);
        }
        networks = List.copyOf(networks);
        guests = List.copyOf(guests);
        requireConsistent(guests, byName(networks));
        RoutingRules.of(uplink, networks, guests).require();
    }

    public RouterConfig(int reactors, List<NetworkConfig> networks, List<VhostConfig> guests) {
        this(reactors, IdlePolicy.DEFAULT, Optional.empty(), Optional.empty(), networks, guests);
    }

    /** The networks whose guests are reached from this one's, and reach them: whichever of the two names the other. */
    public List<NetworkConfig> peersOf(NetworkConfig network) {
        return peersOf(network, networks);
    }

    static List<NetworkConfig> peersOf(NetworkConfig network, List<NetworkConfig> networks) {
        return networks.stream()
                .filter(other -> network.routing().peers().contains(other.name())
                        || other.routing().peers().contains(network.name()))
                .toList();
    }

    private static Map<String, NetworkConfig> byName(List<NetworkConfig> networks) {
        Map<String, NetworkConfig> byName = new HashMap<>();
        for (NetworkConfig network : networks) {
            if (byName.put(network.name(), network) != null) {
                throw new IllegalArgumentException("two networks are named " + network.name());
            }
        }
        return byName;
    }

    private static void requireConsistent(List<VhostConfig> guests, Map<String, NetworkConfig> networks) {
        Set<Object> taken = new HashSet<>();
        for (VhostConfig guest : guests) {
            NetworkConfig network = networks.get(guest.network());
            if (network == null) {
                throw new IllegalArgumentException(
                        "guest " + guest.name() + ": there is no network " + guest.network());
            }
            requireAddresses(guest, network);
            Path socket = guest.socket().path().toAbsolutePath().normalize();
            requireFree(taken, guest.name(), guest, "name " + guest.name());
            requireFree(taken, guest.mac(), guest, "MAC " + guest.mac());
            requireFree(taken, socket, guest, "socket " + socket);
            if (guest.hasIpv4()) {
                requireFree(taken, List.of(guest.network(), guest.ipv4()), guest, "address " + guest.ipv4());
            }
            if (guest.hasIpv6()) {
                requireFree(taken, List.of(guest.network(), ipv6Of(guest, network)), guest, "address " + guest.ipv6());
            }
        }
    }

    private static void requireAddresses(VhostConfig guest, NetworkConfig network) {
        try {
            if (guest.hasIpv4()) {
                network.requireGuestAddress(guest.ipv4());
            } else if (network.pool().isEmpty()) {
                throw new IllegalArgumentException(
                        "it has no IPv4 address, and network " + network.name() + " has no pool");
            }
            if (network.ipv6().isPresent() && guest.mtu() < VhostConfig.MIN_IPV6_MTU) {
                throw new IllegalArgumentException(
                        "mtu %d is below %d, the least of IPv6".formatted(guest.mtu(), VhostConfig.MIN_IPV6_MTU));
            }
            if (guest.hasIpv6()) {
                network.ipv6()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "it has an IPv6 address, and network " + network.name() + " has no IPv6"))
                        .requireGuestAddress(guest.ipv6());
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("guest " + guest.name() + ": " + e.getMessage(), e);
        }
    }

    /** What two guests cannot both have: the address, or the /64 that it is in. */
    private static Object ipv6Of(VhostConfig guest, NetworkConfig network) {
        return network.ipv6().orElseThrow().reservedFor(guest.ipv6());
    }

    private static void requireFree(Set<Object> taken, Object key, VhostConfig guest, String what) {
        if (!taken.add(key)) {
            throw new IllegalArgumentException("guest " + guest.name() + ": another guest has " + what);
        }
    }
}
