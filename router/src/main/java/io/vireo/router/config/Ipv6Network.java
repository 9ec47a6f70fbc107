package io.vireo.router.config;

import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.Optional;

/**
 * A network's IPv6 side. Immutable; the constructor throws {@link IllegalArgumentException} naming what is wrong.
 *
 * @param prefix with {@link Ipv6Addressing#SLAAC} at most a /{@value #MAX_SLAAC_LENGTH}: its first /64 is the gateway's, and
 *     each guest has another one
 * @param delegation empty: no prefixes are delegated
 */
public record Ipv6Network(
        Ipv6Prefix prefix, Ipv6Addressing addressing, Optional<Delegation> delegation, Advertising advertising) {
    public static final int MIN_LENGTH = 16;
    public static final int MAX_SLAAC_LENGTH = 63;
    /** So that a gateway and a pool that begins at {@code ::1000} fit. */
    public static final int MAX_DHCPV6_LENGTH = 112;

    private static final int LINK_LENGTH = 64;

    public Ipv6Network {
        requireUnicast(prefix);
        int longest = addressing == Ipv6Addressing.SLAAC ? MAX_SLAAC_LENGTH : MAX_DHCPV6_LENGTH;
        if (prefix.length() < MIN_LENGTH || prefix.length() > longest) {
            throw new IllegalArgumentException(
                    "prefix length %d is not within %d to %d".formatted(prefix.length(), MIN_LENGTH, longest));
        }
        delegation.ifPresent(its -> {
            if (prefix.contains(its.prefix()) || its.prefix().contains(prefix)) {
                throw new IllegalArgumentException(
                        "delegated prefixes %s overlap the network's %s".formatted(its.prefix(), prefix));
            }
        });
    }

    public Ipv6Network(Ipv6Prefix prefix, Ipv6Addressing addressing) {
        this(prefix, addressing, Optional.empty(), Advertising.DEFAULT);
    }

    /** The same, which delegates prefixes. */
    public Ipv6Network withDelegation(Delegation delegation) {
        return new Ipv6Network(prefix, addressing, Optional.of(delegation), advertising);
    }

    /** The first address of the prefix; fe80::1 is the gateway's as well. */
    public Ipv6Address gateway() {
        return new Ipv6Address(prefix.address().high(), prefix.address().low() | 1);
    }

    /**
     * Returns the address if a guest of this network may have it.
     *
     * @throws IllegalArgumentException if it is outside the prefix, the gateway's or a router's anycast address (RFC 4291,
     *     2.6.1), or, where a guest has all of its /64, in the gateway's
     */
    public Ipv6Address requireGuestAddress(Ipv6Address address) {
        if (!prefix.contains(address)) {
            throw new IllegalArgumentException(address + " is outside " + prefix);
        }
        if (address.equals(gateway()) || address.equals(prefix.address())) {
            throw new IllegalArgumentException(address + " is the gateway's address");
        }
        if (addressing == Ipv6Addressing.SLAAC
                && Ipv6Prefix.of(gateway(), LINK_LENGTH).contains(address)) {
            throw new IllegalArgumentException(address + " is in the gateway's /64");
        }
        return address;
    }

    /** What is a guest's alone that has an address: its /64, or the address. */
    public Ipv6Prefix reservedFor(Ipv6Address address) {
        return Ipv6Prefix.of(address, addressing == Ipv6Addressing.SLAAC ? LINK_LENGTH : Ipv6Prefix.MAX_LENGTH);
    }

    /** Returns the prefix if it is unicast and no link's own. @throws IllegalArgumentException if it is not */
    public static Ipv6Prefix requireUnicast(Ipv6Prefix prefix) {
        long high = prefix.address().high();
        Ipv6Prefix linkLocal = Ipv6Prefix.of(Gateway.GATEWAY_IPV6_LINK_LOCAL, 10);
        if (high >>> 56 == 0
                || Ipv6Address.isMulticast(high)
                || linkLocal.contains(prefix)
                || prefix.contains(linkLocal)) {
            throw new IllegalArgumentException(prefix + " is not a prefix for unicast addresses");
        }
        return prefix;
    }
}
