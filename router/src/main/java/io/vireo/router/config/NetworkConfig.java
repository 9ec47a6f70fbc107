package io.vireo.router.config;

import io.vireo.protocols.dhcp.DhcpBinding;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One network of guests, isolated from every other network: prefixes of two networks may overlap.
 *
 * <p>Begin with {@link #NetworkConfig(String, Ipv4Prefix, Addressing)} and refine with the {@code with} methods. The prefix
 * is unicast and has a length of {@value #MIN_PREFIX_LENGTH} to {@value #MAX_PREFIX_LENGTH}, so that a
 * gateway and a guest fit. Immutable; the constructor throws {@link IllegalArgumentException} naming what is wrong.
 *
 * @param name letters, digits, dot, underscore and hyphen, at most 63, beginning with a letter or digit
 * @param pool addresses for guests that have none of their own; each end of it one that a guest may have
 * @param leaseSeconds for how long addresses are leased, {@value #MIN_LEASE_SECONDS} to {@value #MAX_LEASE_SECONDS}
 * @param ipv6 empty: the network has no IPv6
 * @param routing where packets go that are for none of its guests
 */
public record NetworkConfig(
        String name,
        Ipv4Prefix ipv4,
        Addressing addressing,
        Optional<Ipv4Range> pool,
        int leaseSeconds,
        Optional<Ipv6Network> ipv6,
        Routing routing) {
    public static final int MIN_PREFIX_LENGTH = 8;
    public static final int MAX_PREFIX_LENGTH = 30;
    public static final int MIN_LEASE_SECONDS = 10;
    /** A year: what lasts longer is better fixed. */
    public static final int MAX_LEASE_SECONDS = 366 * 86_400;

    public NetworkConfig {
        requireName(name);
        requireUsable(ipv4);
        requireUsable(leaseSeconds);
        pool.ifPresent(range -> requirePool(range, name, ipv4, addressing));
    }

    /** A network without a pool, IPv6 and routes, that leases for a day. */
    public NetworkConfig(String name, Ipv4Prefix ipv4, Addressing addressing) {
        this(
                name,
                ipv4,
                addressing,
                Optional.empty(),
                DhcpBinding.DEFAULT_LEASE_SECONDS,
                Optional.empty(),
                Routing.NONE);
    }

    public NetworkConfig withPool(Ipv4Range pool) {
        return new NetworkConfig(name, ipv4, addressing, Optional.of(pool), leaseSeconds, ipv6, routing);
    }

    public NetworkConfig withLeaseSeconds(int leaseSeconds) {
        return new NetworkConfig(name, ipv4, addressing, pool, leaseSeconds, ipv6, routing);
    }

    public NetworkConfig withIpv6(Ipv6Network ipv6) {
        return new NetworkConfig(name, ipv4, addressing, pool, leaseSeconds, Optional.of(ipv6), routing);
    }

    public NetworkConfig withRouting(Routing routing) {
        return new NetworkConfig(name, ipv4, addressing, pool, leaseSeconds, ipv6, routing);
    }

    /** Where addresses and delegated prefixes of its guests are from, over IPv6. */
    public List<Ipv6Prefix> ipv6Prefixes() {
        return ipv6.map(its -> Stream.concat(Stream.of(its.prefix()), its.delegation().map(Delegation::prefix).stream())
                        .toList())
                .orElse(List.of());
    }

    /** The first host address of the prefix, in both kinds of addressing. */
    public Ipv4Address gateway() {
        return gateway(ipv4);
    }

    private static Ipv4Address gateway(Ipv4Prefix ipv4) {
        return new Ipv4Address(ipv4.address().value() + 1);
    }

    /**
     * Returns the address if a guest of this network may have it.
     *
     * @throws IllegalArgumentException if it is outside the prefix, one of the gateway's, or, where guests see the
     *     prefix ({@link Addressing#SUBNET}), the network's or the broadcast address
     */
    public Ipv4Address requireGuestAddress(Ipv4Address address) {
        return requireGuestAddress(address, name, ipv4, addressing);
    }

    private static Ipv4Address requireGuestAddress(
            Ipv4Address address, String name, Ipv4Prefix ipv4, Addressing addressing) {
        if (!ipv4.contains(address.value())) {
            throw new IllegalArgumentException(address + " is outside network " + name + ", " + ipv4);
        }
        if (address.equals(gateway(ipv4)) || address.value() == Gateway.GATEWAY_IPV4_LINK_LOCAL) {
            throw new IllegalArgumentException(address + " is the gateway's address");
        }
        if (addressing == Addressing.SUBNET && address.equals(ipv4.address())) {
            throw new IllegalArgumentException(address + " is the address of network " + ipv4 + " itself");
        }
        if (addressing == Addressing.SUBNET && address.value() == ipv4.broadcast()) {
            throw new IllegalArgumentException(address + " is the broadcast address of network " + ipv4);
        }
        return address;
    }

    /** Neither end may be one of the gateway's addresses, nor may they lie in between. */
    private static void requirePool(Ipv4Range pool, String name, Ipv4Prefix ipv4, Addressing addressing) {
        requireGuestAddress(pool.first(), name, ipv4, addressing);
        requireGuestAddress(pool.last(), name, ipv4, addressing);
        for (Ipv4Address its : List.of(gateway(ipv4), new Ipv4Address(Gateway.GATEWAY_IPV4_LINK_LOCAL))) {
            if (pool.contains(its)) {
                throw new IllegalArgumentException("pool " + pool + " contains the gateway's address " + its);
            }
        }
    }

    /** Returns the time if addresses may be leased for it. @throws IllegalArgumentException naming what may */
    public static int requireUsable(int leaseSeconds) {
        if (leaseSeconds < MIN_LEASE_SECONDS || leaseSeconds > MAX_LEASE_SECONDS) {
            throw new IllegalArgumentException(
                    "lease of " + leaseSeconds + " s is not within " + MIN_LEASE_SECONDS + " to " + MAX_LEASE_SECONDS);
        }
        return leaseSeconds;
    }

    /** Returns the name if a network may have it. @throws IllegalArgumentException naming what may */
    public static String requireName(String name) {
        return Names.require("network", name);
    }

    /**
     * Returns the prefix if a network may have it.
     *
     * @throws IllegalArgumentException if its length is out of range or it is not unicast (RFC 6890: 0.0.0.0/8,
     *     127.0.0.0/8, 224.0.0.0/4 and 240.0.0.0/4 are not)
     */
    public static Ipv4Prefix requireUsable(Ipv4Prefix prefix) {
        if (prefix.length() < MIN_PREFIX_LENGTH || prefix.length() > MAX_PREFIX_LENGTH) {
            throw new IllegalArgumentException("prefix length " + prefix.length() + " is not within "
                    + MIN_PREFIX_LENGTH + " to " + MAX_PREFIX_LENGTH);
        }
        int firstOctet = prefix.address().value() >>> 24;
        if (firstOctet == 0 || firstOctet == 127 || firstOctet >= 224) {
            throw new IllegalArgumentException(prefix + " is not a unicast prefix");
        }
        return prefix;
    }
}
