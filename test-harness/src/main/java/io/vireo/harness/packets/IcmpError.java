package io.vireo.harness.packets;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * An error message of ICMP (RFC 792, RFC 1812) or ICMPv6 (RFC 4443) whose checksums are right, and which is not longer than
 * it may be.
 *
 * @param srcIp who reports it; of the same family as {@code dstIp}
 * @param hopLimit of the error's own header: the TTL in IPv4
 * @param type in the numbering of its family
 * @param code in the numbering of its family and type
 * @param rest the four bytes after the checksum as one unsigned number
 * @param quote what it quotes, from that packet's IP header on
 */
public record IcmpError(
        InetAddress srcIp, InetAddress dstIp, int hopLimit, int type, int code, long rest, Octets quote) {
    /** The MTU that a "fragmentation needed" (RFC 1191, 4) or "packet too big" carries; meaningless in others. */
    public long mtu() {
        return srcIp instanceof Inet4Address ? rest & 0xFFFF : rest;
    }
}
