package io.vireo.harness.packets;

import java.net.Inet6Address;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A DHCPv6 server's ADVERTISE or REPLY (RFC 8415) whose checksum is right.
 *
 * @param transaction 24 bits
 * @param serverDuid option 2, which every answer has (16.3, 16.10)
 * @param clientDuid option 1
 * @param iaNa options 3, in order
 * @param iaPd options 25, in order
 * @param status option 13 of the message itself; that of an association or a lease is in there
 * @param rapidCommit whether option 14 is there
 * @param preference option 7
 * @param dnsServers option 23 (RFC 3646), in order
 * @param searchList option 24 (RFC 3646), in order
 * @param ntpServers the addresses of options 56 (RFC 5908), in order
 * @param options all of them, those above among them, in order
 */
public record Dhcpv6Response(
        Dhcpv6MessageType msgType,
        int transaction,
        Inet6Address srcIp,
        Inet6Address dstIp,
        Octets serverDuid,
        Optional<Octets> clientDuid,
        List<Dhcpv6Ia> iaNa,
        List<Dhcpv6Ia> iaPd,
        Optional<Dhcpv6Status> status,
        boolean rapidCommit,
        OptionalInt preference,
        List<Inet6Address> dnsServers,
        List<String> searchList,
        List<Inet6Address> ntpServers,
        List<Dhcpv6Option> options) {
    public Dhcpv6Response {
        iaNa = List.copyOf(iaNa);
        iaPd = List.copyOf(iaPd);
        dnsServers = List.copyOf(dnsServers);
        searchList = List.copyOf(searchList);
        ntpServers = List.copyOf(ntpServers);
        options = List.copyOf(options);
    }
}
