package io.vireo.harness.packets;

import java.net.Inet6Address;
import java.util.Optional;

/**
 * An address in an IA_NA or a prefix in an IA_PD (RFC 8415, 21.6 and 21.22).
 *
 * @param prefixLength 128 for an address
 * @param preferred seconds, 0xFFFFFFFF for ever
 * @param valid seconds, not fewer
 */
public record Dhcpv6Lease(
        Inet6Address address, int prefixLength, long preferred, long valid, Optional<Dhcpv6Status> status) {
    static final int ADDRESS = 128;

    /** As clients write it: without lifetimes, which are the server's to choose. */
    public static Dhcpv6Lease ofAddress(Inet6Address address) {
        return ofPrefix(address, ADDRESS);
    }

    public static Dhcpv6Lease ofPrefix(Inet6Address prefix, int length) {
        return new Dhcpv6Lease(prefix, length, 0, 0, Optional.empty());
    }
}
