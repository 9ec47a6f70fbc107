package io.vireo.harness.packets;

import java.net.Inet6Address;

/**
 * An ICMPv6 echo reply (RFC 4443, 4.2) whose checksum is right.
 *
 * @param identifier 0 to 65535
 * @param sequence 0 to 65535
 * @param hopLimit of the IPv6 header
 * @param payload everything after the sequence number, the record's own copy
 */
public record Icmpv6EchoReply(
        Inet6Address srcIp, Inet6Address dstIp, int identifier, int sequence, int hopLimit, byte[] payload) {}
