package io.vireo.harness.packets;

import java.net.Inet6Address;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An identity association, IA_NA or IA_PD (RFC 8415, 21.4 and 21.21).
 *
 * @param id which of the client's associations of this kind it is, 32 bits as they stand on the wire
 * @param t1 seconds until the client renews, 0 if that is its own choice
 * @param t2 seconds until it rebinds, 0 if that is its own choice
 * @param leases its addresses or prefixes, in order
 * @param status of the association as a whole
 */
public record Dhcpv6Ia(int id, long t1, long t2, List<Dhcpv6Lease> leases, Optional<Dhcpv6Status> status) {
    public Dhcpv6Ia {
        leases = List.copyOf(leases);
    }

    /** As clients write it: without times, which are the server's to choose. */
    public static Dhcpv6Ia of(int id, Dhcpv6Lease... leases) {
        return new Dhcpv6Ia(id, 0, 0, List.of(leases), Optional.empty());
    }

    public static Dhcpv6Ia ofAddresses(int id, Inet6Address... addresses) {
        return of(id, Stream.of(addresses).map(Dhcpv6Lease::ofAddress).toArray(Dhcpv6Lease[]::new));
    }
}
