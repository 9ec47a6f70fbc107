package io.vireo.harness.packets;

import java.net.Inet4Address;

/**
 * What of a DHCP server's answer is not in its options.
 *
 * @param srcIp of the IPv4 header
 * @param dstIp of the IPv4 header
 * @param clientMac {@code chaddr}
 * @param clientIp {@code ciaddr}
 * @param nextServer {@code siaddr}: whom to boot from
 * @param serverName {@code sname}, up to its first zero
 * @param bootFile {@code file}, up to its first zero
 * @param broadcast the flag
 * @param length bytes of the whole message (RFC 2131, figure 1)
 */
public record DhcpEnvelope(
        Inet4Address srcIp,
        Inet4Address dstIp,
        Mac clientMac,
        Inet4Address clientIp,
        Inet4Address nextServer,
        String serverName,
        String bootFile,
        boolean broadcast,
        int length) {}
