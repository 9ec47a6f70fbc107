package io.vireo.router.config;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.Optional;

/**
 * The network interface by which the host, and what is behind it, is reached: a TUN device.
 *
 * @param tun its name, made if it is not there; 1 to 15 characters without space, slash and colon, not . or ..
 * @param ipv4 the host's own address there, outside all networks that have the uplink; empty: it has none
 * @param ipv6 the same over IPv6
 * @param mtu bytes of the largest IP packet, {@value VhostConfig#MIN_IPV6_MTU} to {@value VhostConfig#MAX_MTU}
 */
public record UplinkConfig(String tun, Optional<Ipv4Address> ipv4, Optional<Ipv6Address> ipv6, int mtu) {
    /** What IFNAMSIZ leaves. */
    public static final int MAX_NAME = 15;

    public UplinkConfig {
        requireName(tun);
        ipv4.ifPresent(UplinkConfig::requireUnicast);
        ipv6.ifPresent(UplinkConfig::requireUnicast);
        if (mtu < VhostConfig.MIN_IPV6_MTU || mtu > VhostConfig.MAX_MTU) {
            throw new IllegalArgumentException(
                    "mtu " + mtu + " is not within " + VhostConfig.MIN_IPV6_MTU + " to " + VhostConfig.MAX_MTU);
        }
    }

    /** An interface with an MTU of 1500 on which the host has no address. */
    public static UplinkConfig of(String tun) {
        return new UplinkConfig(tun, Optional.empty(), Optional.empty(), VhostConfig.DEFAULT_MTU);
    }

    public UplinkConfig withIpv4(Ipv4Address ipv4) {
        return new UplinkConfig(tun, Optional.of(ipv4), ipv6, mtu);
    }

    public UplinkConfig withIpv6(Ipv6Address ipv6) {
        return new UplinkConfig(tun, ipv4, Optional.of(ipv6), mtu);
    }

    public UplinkConfig withMtu(int mtu) {
        return new UplinkConfig(tun, ipv4, ipv6, mtu);
    }

    /** Returns the name if an interface may have it (dev_valid_name of the kernel). @throws IllegalArgumentException */
    public static String requireName(String name) {
        boolean printable = name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '/' && c != ':' && c != '%');
        if (name.isEmpty() || name.length() > MAX_NAME || !printable || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException(
                    "\"%s\" is not an interface's name: 1 to %d characters without space, / and :"
                            .formatted(name, MAX_NAME));
        }
        return name;
    }

    /** Returns the address if the host may have it. @throws IllegalArgumentException if it is not unicast */
    public static Ipv4Address requireUnicast(Ipv4Address address) {
        int firstOctet = address.value() >>> 24;
        if (firstOctet == 0 || firstOctet == 127 || firstOctet >= 224) {
            throw new IllegalArgumentException(address + " is not a unicast address");
        }
        return address;
    }

    /** Returns the address if the host may have it. @throws IllegalArgumentException if it is not unicast, or a link's own */
    public static Ipv6Address requireUnicast(Ipv6Address address) {
        Ipv6Network.requireUnicast(Ipv6Prefix.of(address, Ipv6Prefix.MAX_LENGTH));
        return address;
    }
}
