package io.vireo.router.host;

import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A route that the host's kernel is to have.
 *
 * @param destination its first address
 * @param length bits that all of its addresses share
 * @param reachable whether it leads to the uplink; if not, the kernel answers that there is no way
 * @param mtu bytes of the largest packet that is to be sent there; of no meaning if it is not reachable
 */
public record HostRoute(InetAddress destination, int length, boolean reachable, int mtu) {
    /** To a guest, or what is behind it, with the MTU that the guest has. */
    public static HostRoute toGuest(Ipv4Prefix prefix, int mtu) {
        return new HostRoute(address(prefix.address().toBytes()), prefix.length(), true, mtu);
    }

    /** The same over IPv6. */
    public static HostRoute toGuest(Ipv6Prefix prefix, int mtu) {
        return new HostRoute(address(prefix.address().toBytes()), prefix.length(), true, mtu);
    }

    /** For a whole network: counts where no guest's does. */
    public static HostRoute unreachable(Ipv4Prefix prefix) {
        return new HostRoute(address(prefix.address().toBytes()), prefix.length(), false, 0);
    }

    /** The same over IPv6. */
    public static HostRoute unreachable(Ipv6Prefix prefix) {
        return new HostRoute(address(prefix.address().toBytes()), prefix.length(), false, 0);
    }

    /** An address of either family; one of IPv6 stays one, even if an IPv4 address is mapped to it. */
    static InetAddress address(byte[] octets) {
        try {
            return octets.length == Integer.BYTES
                    ? InetAddress.getByAddress(octets)
                    : Inet6Address.getByAddress(null, octets, -1);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address of " + octets.length + " bytes", e);
        }
    }
}
