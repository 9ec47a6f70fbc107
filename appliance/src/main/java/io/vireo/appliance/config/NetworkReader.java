package io.vireo.appliance.config;

import io.vireo.protocols.dhcp.DhcpBinding;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.GuestInformation;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.VhostConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the networks, one after the other. */
final class NetworkReader {
    private final Problems problems;
    private final Unique unique;
    /** By the name as it stands there, so that a wrong name does not make its guests wrong too. */
    private final Map<String, ReadNetwork> networks = new LinkedHashMap<>();

    NetworkReader(Unique unique, Problems problems) {
        this.unique = unique;
        this.problems = problems;
    }

    void read(Section section) {
        int before = problems.size();
        section.require(Key.NAME);
        section.require(Key.IPV4_PREFIX);
        Located<String> name = section.text(Key.NAME);
        NetworkConfig config = config(section, name);
        ReadRouting routing = new RoutingReader(section, problems).read();
        boolean isSound = problems.size() == before;
        GuestInformation information = new InformationReader(section, problems).read();
        int leastMtu = section.has(Key.IPV6_PREFIX) ? VhostConfig.MIN_IPV6_MTU : VhostConfig.MIN_MTU;
        Located<Integer> mtu = section.integer(Key.NETWORK_MTU, leastMtu, VhostConfig.MAX_MTU);
        if (name != null && unique.isFirst("network", name, name.value())) {
            int most = Located.orElse(mtu, VhostConfig.DEFAULT_MTU);
            networks.put(
                    name.value(),
                    new ReadNetwork(
                            isSound && config != null ? config.withRouting(routing.toRouting()) : null,
                            routing,
                            most,
                            information));
        }
    }

    /** Null where it cannot be told what it is; other parts may be wrong even if it can. */
    private @Nullable NetworkConfig config(Section section, @Nullable Located<String> text) {
        Located<String> name = problems.parse(text, NetworkConfig::requireName, Key.NAME.allowed);
        Located<Ipv4Prefix> prefix = problems.parse(
                section.text(Key.IPV4_PREFIX),
                value -> NetworkConfig.requireUsable(Ipv4Prefix.parse(value)),
                Key.IPV4_PREFIX.allowed);
        Addressing addressing = section.oneOf(Key.ADDRESSING, Addressing.SUBNET);
        Located<Ipv4Range> pool = problems.parse(section.text(Key.POOL), Ipv4Range::parse, Key.POOL.allowed);
        Located<Integer> lease = problems.parse(
                section.text(Key.LEASE),
                value -> NetworkConfig.requireUsable(Durations.parseSeconds(value)),
                Key.LEASE.allowed);
        Ipv6Network ipv6 = new Ipv6Reader(section, problems).read();
        if (name == null || prefix == null || addressing == null) {
            return null;
        }
        NetworkConfig config = new NetworkConfig(name.value(), prefix.value(), addressing)
                .withLeaseSeconds(Located.orElse(lease, DhcpBinding.DEFAULT_LEASE_SECONDS));
        if (ipv6 != null) {
            config = config.withIpv6(ipv6);
        }
        return Located.orElse(problems.parse(pool, config::withPool, Key.POOL.allowed), config);
    }

    /** All that were read, by name and in order, whatever else is wrong with them. */
    Map<String, ReadNetwork> networks() {
        return networks;
    }

    /** The network of that name. @throws IllegalArgumentException if there is none */
    ReadNetwork named(String name) {
        ReadNetwork network = networks.get(name);
        if (network == null) {
            throw new IllegalArgumentException("there is no network " + name);
        }
        return network;
    }

    /** Those without a fault, in order. */
    List<NetworkConfig> configs() {
        return networks.values().stream()
                .map(ReadNetwork::config)
                .filter(Objects::nonNull)
                .toList();
    }
}
