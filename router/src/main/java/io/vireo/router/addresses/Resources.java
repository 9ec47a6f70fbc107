package io.vireo.router.addresses;

import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.router.leases.Client;
import io.vireo.router.leases.Pool;
import io.vireo.router.leases.Reservation;
import io.vireo.router.leases.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a configuration has for the guests of its networks. */
final class Resources {
    private Resources() {}

    static List<Pool> pools(RouterConfig config) {
        List<Pool> pools = new ArrayList<>();
        for (NetworkConfig network : config.networks()) {
            String name = network.name();
            network.pool().ifPresent(range -> pools.add(Pool.ipv4(name, range.first(), range.last())));
            network.ipv6().ifPresent(ipv6 -> {
                pools.add(
                        ipv6.addressing() == Ipv6Addressing.SLAAC
                                ? Pool.ownPrefixes(name, ipv6.prefix())
                                : Pool.ipv6Addresses(name, ipv6.prefix()));
                ipv6.delegation().ifPresent(its -> pools.add(Pool.delegated(name, its.prefix(), its.length())));
            });
        }
        return pools;
    }

    static List<Reservation> reservations(RouterConfig config) {
        Map<String, NetworkConfig> networks =
                config.networks().stream().collect(Collectors.toMap(NetworkConfig::name, Function.identity()));
        List<Reservation> reservations = new ArrayList<>();
        for (VhostConfig guest : config.guests()) {
            Client client = new Client(guest.network(), guest.mac());
            if (guest.hasIpv4()) {
                reservations.add(new Reservation(client, Resource.of(guest.ipv4())));
            }
            NetworkConfig network = networks.get(guest.network());
            if (guest.hasIpv6() && network != null) {
                network.ipv6().ifPresent(ipv6 -> reservations.add(new Reservation(client, reserved(guest, ipv6))));
            }
        }
        return reservations;
    }

    private static Resource reserved(VhostConfig guest, Ipv6Network ipv6) {
        return ipv6.addressing() == Ipv6Addressing.SLAAC
                ? Resource.own(ipv6.reservedFor(guest.ipv6()))
                : Resource.of(guest.ipv6());
    }
}
