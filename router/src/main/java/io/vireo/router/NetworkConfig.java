package io.vireo.router;

import io.vireo.protocols.Gateway;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;

/**
 * One network of guests, isolated from every other network: prefixes of two networks may overlap.
 *
 * <p>The prefix is unicast and has a length of {@value #MIN_PREFIX_LENGTH} to {@value #MAX_PREFIX_LENGTH}, so that a
 * gateway and a guest fit. Immutable; the constructor throws {@link IllegalArgumentException} naming what is wrong.
 *
 * @param name letters, digits, dot, underscore and hyphen, at most 63, beginning with a letter or digit
 */
public record NetworkConfig(String name, Ipv4Prefix ipv4, Addressing addressing) {
    public static final int MIN_PREFIX_LENGTH = 8;
    public static final int MAX_PREFIX_LENGTH = 30;

    public NetworkConfig {
        requireName(name);
        requireUsable(ipv4);
    }

    /** The first host address of the prefix, in both kinds of addressing. */
    public Ipv4Address gateway() {
        return new Ipv4Address(ipv4.address().value() + 1);
    }

    /**
     * Returns the address if a guest of this network may have it.
     *
     * @throws IllegalArgumentException if it is outside the prefix, one of the gateway's, or, where guests see the
     *     prefix ({@link Addressing#SUBNET}), the network's or the broadcast address
     */
    public Ipv4Address requireGuestAddress(Ipv4Address address) {
        if (!ipv4.contains(address.value())) {
            throw new IllegalArgumentException(address + " is outside network " + name + ", " + ipv4);
        }
        if (address.equals(gateway()) || address.value() == Gateway.GATEWAY_IPV4_LINK_LOCAL) {
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
