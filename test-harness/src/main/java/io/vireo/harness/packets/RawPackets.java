package io.vireo.harness.packets;

import static io.vireo.harness.packets.FrameWriter.ETHERNET_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.ETHERTYPE_IPV4;
import static io.vireo.harness.packets.FrameWriter.ETHERTYPE_IPV6;
import static io.vireo.harness.packets.FrameWriter.IPV6_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.VIRTIO_NET_HEADER_LENGTH;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.ByteBuffer;

/**
 * Packets header by header, for what no well-behaved guest sends: fragments, chains of extension headers, messages that only
 * routers send. Lengths and checksums are right nevertheless; a test that wants them wrong changes the array. Frames and
 * errors as in {@link Packets}.
 */
public final class RawPackets {
    /** The flag that forbids fragmentation, as {@code flagsAndOffset} of IPv4 has it. */
    public static final int DO_NOT_FRAGMENT = FrameWriter.DO_NOT_FRAGMENT;

    /** The flag of all fragments but the last; below it is the offset in units of 8 bytes. */
    public static final int MORE_FRAGMENTS = 0x2000;

    public static final int HOP_BY_HOP = 0;
    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    public static final int DESTINATION_OPTIONS = 60;

    private RawPackets() {}

    /** @param flagsAndOffset the 16 bits after the identification */
    public static byte[] createIpv4(
            Mac srcMac,
            Mac dstMac,
            Inet4Address srcIp,
            Inet4Address dstIp,
            int protocol,
            int ttl,
            int identification,
            int flagsAndOffset,
            byte[] payload) {
        byte[] packet = FrameWriter.ipv4(srcIp, dstIp, protocol, ttl, identification, flagsAndOffset, payload);
        return FrameWriter.ethernet(dstMac, srcMac, ETHERTYPE_IPV4, packet);
    }

    /**
     * A UDP datagram with a checksum, of which routers may or may not make fragments.
     *
     * @param flagsAndOffset {@link #DO_NOT_FRAGMENT} or 0
     */
    public static byte[] createUdp(
            Mac srcMac,
            Mac dstMac,
            Inet4Address srcIp,
            Inet4Address dstIp,
            int srcPort,
            int dstPort,
            byte[] payload,
            int ttl,
            int flagsAndOffset) {
        byte[] datagram = FrameWriter.udp(srcIp, dstIp, srcPort, dstPort, payload);
        return createIpv4(srcMac, dstMac, srcIp, dstIp, FrameWriter.PROTOCOL_UDP, ttl, 0, flagsAndOffset, datagram);
    }

    public static byte[] createIpv6(
            Mac srcMac,
            Mac dstMac,
            Inet6Address srcIp,
            Inet6Address dstIp,
            int nextHeader,
            int hopLimit,
            byte[] payload) {
        byte[] packet = FrameWriter.ipv6(srcIp, dstIp, nextHeader, hopLimit, payload);
        return FrameWriter.ethernet(dstMac, srcMac, ETHERTYPE_IPV6, packet);
    }

    /** @param body what follows the checksum */
    public static byte[] createIcmp(
            Mac srcMac, Mac dstMac, Inet4Address srcIp, Inet4Address dstIp, int ttl, int type, int code, byte[] body) {
        byte[] packet =
                FrameWriter.ipv4(srcIp, dstIp, FrameWriter.PROTOCOL_ICMP, ttl, FrameWriter.icmp(type, code, body));
        return FrameWriter.ethernet(dstMac, srcMac, ETHERTYPE_IPV4, packet);
    }

    /** @param body what follows the checksum */
    public static byte[] createIcmpv6(
            Mac srcMac,
            Mac dstMac,
            Inet6Address srcIp,
            Inet6Address dstIp,
            int hopLimit,
            int type,
            int code,
            byte[] body) {
        byte[] message = FrameWriter.icmpv6(srcIp, dstIp, type, code, body);
        return createIpv6(srcMac, dstMac, srcIp, dstIp, FrameWriter.PROTOCOL_ICMPV6, hopLimit, message);
    }

    /**
     * Puts an extension header right behind the IPv6 header of a frame, in front of those that are there already.
     *
     * @param type its number
     * @param header the header itself, of which the first byte is replaced by the number of what follows
     */
    public static byte[] insertExtensionHeader(byte[] frame, int type, byte[] header) {
        int packet = VIRTIO_NET_HEADER_LENGTH + ETHERNET_HEADER_LENGTH;
        int payload = packet + IPV6_HEADER_LENGTH;
        int payloadLength = frame.length - payload + header.length;
        FrameWriter.requireRange("IPv6 payload length", payloadLength, 0xFFFF);
        FrameWriter.requireRange("next header", type, 0xFF);
        ByteBuffer longer = ByteBuffer.allocate(frame.length + header.length)
                .put(frame, 0, payload)
                .put(header)
                .put(frame, payload, frame.length - payload);
        longer.put(payload, frame[packet + 6]);
        longer.put(packet + 6, (byte) type);
        longer.putShort(packet + 4, (short) payloadLength);
        return longer.array();
    }
}
