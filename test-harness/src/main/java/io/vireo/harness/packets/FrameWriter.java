package io.vireo.harness.packets;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/** The layers of a frame, each wrapped round the one above. All values are written in network byte order. */
final class FrameWriter {
    static final int VIRTIO_NET_HEADER_LENGTH = 12;
    static final int ETHERNET_HEADER_LENGTH = 14;
    static final int IPV4_HEADER_LENGTH = 20;
    static final int IPV6_HEADER_LENGTH = 40;
    static final int UDP_HEADER_LENGTH = 8;
    static final int ARP_LENGTH = 28;

    static final int ETHERTYPE_IPV4 = 0x0800;
    static final int ETHERTYPE_ARP = 0x0806;
    static final int ETHERTYPE_IPV6 = 0x86DD;
    static final int PROTOCOL_ICMP = 1;
    static final int PROTOCOL_UDP = 17;
    static final int PROTOCOL_ICMPV6 = 58;
    static final int ARP_REQUEST = 1;
    static final int ARP_REPLY = 2;

    static final int DO_NOT_FRAGMENT = 0x4000;

    private static final int VERSION_4_AND_5_WORDS = 0x45;
    private static final int VERSION_6 = 0x6000_0000;

    private FrameWriter() {}

    static byte[] ethernet(Mac dst, Mac src, int etherType, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(VIRTIO_NET_HEADER_LENGTH + ETHERNET_HEADER_LENGTH + payload.length);
        frame.position(VIRTIO_NET_HEADER_LENGTH);
        dst.write(frame);
        src.write(frame);
        return frame.putShort((short) etherType).put(payload).array();
    }

    static byte[] ipv4(Inet4Address src, Inet4Address dst, int protocol, int ttl, byte[] payload) {
        return ipv4(src, dst, protocol, ttl, 0, DO_NOT_FRAGMENT, payload);
    }

    static byte[] ipv4(
            Inet4Address src,
            Inet4Address dst,
            int protocol,
            int ttl,
            int identification,
            int flagsAndOffset,
            byte[] payload) {
        int length = IPV4_HEADER_LENGTH + payload.length;
        requireRange("IPv4 total length", length, 0xFFFF);
        requireRange("protocol", protocol, 0xFF);
        requireRange("ttl", ttl, 0xFF);
        requireRange("identification", identification, 0xFFFF);
        requireRange("flags and offset", flagsAndOffset, 0xFFFF);
        ByteBuffer packet = ByteBuffer.allocate(length)
                .put((byte) VERSION_4_AND_5_WORDS)
                .put((byte) 0)
                .putShort((short) length)
                .putShort((short) identification)
                .putShort((short) flagsAndOffset)
                .put((byte) ttl)
                .put((byte) protocol)
                .putShort((short) 0)
                .put(src.getAddress())
                .put(dst.getAddress());
        packet.putShort(10, (short) Ip.checksum(packet.duplicate().flip()));
        return packet.put(payload).array();
    }

    static byte[] ipv6(Inet6Address src, Inet6Address dst, int nextHeader, int hopLimit, byte[] payload) {
        requireRange("IPv6 payload length", payload.length, 0xFFFF);
        requireRange("next header", nextHeader, 0xFF);
        requireRange("hop limit", hopLimit, 0xFF);
        return ByteBuffer.allocate(IPV6_HEADER_LENGTH + payload.length)
                .putInt(VERSION_6)
                .putShort((short) payload.length)
                .put((byte) nextHeader)
                .put((byte) hopLimit)
                .put(src.getAddress())
                .put(dst.getAddress())
                .put(payload)
                .array();
    }

    static byte[] udp(InetAddress src, InetAddress dst, int srcPort, int dstPort, byte[] payload) {
        requireRange("source port", srcPort, 0xFFFF);
        requireRange("destination port", dstPort, 0xFFFF);
        int length = UDP_HEADER_LENGTH + payload.length;
        requireRange("UDP length", length, 0xFFFF);
        ByteBuffer datagram = ByteBuffer.allocate(length)
                .putShort((short) srcPort)
                .putShort((short) dstPort)
                .putShort((short) length)
                .putShort((short) 0)
                .put(payload)
                .flip();
        int checksum = Ip.checksum(Ip.pseudoHeader(src, dst, PROTOCOL_UDP, length), datagram);
        // Zero on the wire means "none" (RFC 768), so its other representation stands for it.
        datagram.putShort(6, (short) (checksum == 0 ? 0xFFFF : checksum));
        return datagram.array();
    }

    /** @param body what follows the checksum */
    static byte[] icmp(int type, int code, byte[] body) {
        return icmp(ByteBuffer.allocate(0), type, code, body);
    }

    /** @param body what follows the checksum */
    static byte[] icmpv6(Inet6Address src, Inet6Address dst, int type, int code, byte[] body) {
        return icmp(Ip.pseudoHeader(src, dst, PROTOCOL_ICMPV6, 4 + body.length), type, code, body);
    }

    private static byte[] icmp(ByteBuffer pseudoHeader, int type, int code, byte[] body) {
        requireRange("type", type, 0xFF);
        requireRange("code", code, 0xFF);
        ByteBuffer message = ByteBuffer.allocate(4 + body.length)
                .put((byte) type)
                .put((byte) code)
                .putShort((short) 0)
                .put(body)
                .flip();
        return message.putShort(2, (short) Ip.checksum(pseudoHeader, message)).array();
    }

    static byte[] echo(int identifier, int sequence, byte[] payload) {
        requireRange("identifier", identifier, 0xFFFF);
        requireRange("sequence", sequence, 0xFFFF);
        return ByteBuffer.allocate(4 + payload.length)
                .putShort((short) identifier)
                .putShort((short) sequence)
                .put(payload)
                .array();
    }

    static byte[] arp(int operation, Mac senderMac, Inet4Address senderIp, Mac targetMac, Inet4Address targetIp) {
        ByteBuffer packet = ByteBuffer.allocate(ARP_LENGTH)
                .putShort((short) 1)
                .putShort((short) ETHERTYPE_IPV4)
                .put((byte) Mac.LENGTH)
                .put((byte) Ip.ADDRESS_LENGTH)
                .putShort((short) operation);
        senderMac.write(packet);
        packet.put(senderIp.getAddress());
        targetMac.write(packet);
        return packet.put(targetIp.getAddress()).array();
    }

    static void requireRange(String what, int value, int max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(what + " " + value + " is not within 0.." + max);
        }
    }
}
