package io.vireo.harness.packets;

import java.net.Inet4Address;

/**
 * An ICMP echo reply (RFC 792) whose checksums are right.
 *
 * @param identifier 0 to 65535
 * @param sequence 0 to 65535
 * @param ttl of the IPv4 header
 * @param payload everything after the sequence number, the record's own copy
 */
public record IcmpEchoReply(
        Inet4Address srcIp, Inet4Address dstIp, int identifier, int sequence, int ttl, byte[] payload) {}
