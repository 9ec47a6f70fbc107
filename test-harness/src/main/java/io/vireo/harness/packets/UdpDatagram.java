package io.vireo.harness.packets;

import java.net.InetAddress;

/**
 * A UDP datagram (RFC 768) over either version of IP whose checksum is there and right.
 *
 * @param hopLimit the TTL in IPv4
 */
public record UdpDatagram(
        InetAddress srcIp, InetAddress dstIp, int hopLimit, int srcPort, int dstPort, Octets payload) {}
