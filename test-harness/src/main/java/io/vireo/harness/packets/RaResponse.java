package io.vireo.harness.packets;

import java.net.Inet6Address;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A router advertisement (RFC 4861, 4.2) that its section 6.1.2 lets a host accept.
 *
 * @param srcIp link-local
 * @param hopLimit which hosts are to use themselves; the packet's own is 255
 * @param managed M: addresses by DHCPv6
 * @param other O: other configuration by DHCPv6
 * @param routerLifetime seconds; 0: no default router
 * @param reachableTime milliseconds, 0 for unspecified
 * @param retransTimer milliseconds, 0 for unspecified
 * @param prefixes in order
 * @param mtu bytes
 * @param dnsServers of all RDNSS options (RFC 8106, 5.1), in order
 * @param dnsLifetime the shortest of them, in seconds
 * @param searchList of all DNSSL options (RFC 8106, 5.2), in order
 * @param searchLifetime the shortest of them, in seconds
 * @param sourceLinkLayer of the router
 */
public record RaResponse(
        Inet6Address srcIp,
        Inet6Address dstIp,
        int hopLimit,
        boolean managed,
        boolean other,
        int routerLifetime,
        long reachableTime,
        long retransTimer,
        List<PrefixInfo> prefixes,
        OptionalLong mtu,
        List<Inet6Address> dnsServers,
        OptionalLong dnsLifetime,
        List<String> searchList,
        OptionalLong searchLifetime,
        Optional<Mac> sourceLinkLayer) {
    public RaResponse {
        prefixes = List.copyOf(prefixes);
        dnsServers = List.copyOf(dnsServers);
        searchList = List.copyOf(searchList);
    }
}
