package io.vireo.harness.packets;

import static io.vireo.harness.packets.FrameWriter.ETHERNET_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.IPV4_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.IPV6_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.PROTOCOL_ICMP;
import static io.vireo.harness.packets.FrameWriter.PROTOCOL_ICMPV6;
import static io.vireo.harness.packets.FrameWriter.PROTOCOL_UDP;
import static io.vireo.harness.packets.FrameWriter.UDP_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.VIRTIO_NET_HEADER_LENGTH;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An unfragmented IPv4 packet (RFC 791) whose header checksum is right, or an IPv6 packet (RFC 8200).
 *
 * @param protocol of the payload; for IPv6 an extension header's number where there is one, so that no parser takes it
 * @param payload what the length in the header leaves after it; never longer than what has arrived
 */
record IpPacket<A extends InetAddress>(A src, A dst, int hopLimit, int protocol, ByteBuffer payload) {
    private static final int FRAGMENT_OFFSET_AND_MORE_FRAGMENTS = 0x3FFF;
    private static final int MINIMUM_ICMP_LENGTH = 8;

    /** What follows the Ethernet header, or nothing where that is not of this type or the frame is shorter. */
    static Optional<ByteBuffer> ethernetPayload(byte[] frame, int etherType) {
        int header = VIRTIO_NET_HEADER_LENGTH + ETHERNET_HEADER_LENGTH;
        if (frame.length < header || (ByteBuffer.wrap(frame).getShort(header - 2) & 0xFFFF) != etherType) {
            return Optional.empty();
        }
        return Optional.of(ByteBuffer.wrap(frame, header, frame.length - header).slice());
    }

    static Optional<IpPacket<Inet4Address>> readIpv4(byte[] frame) {
        return ethernetPayload(frame, FrameWriter.ETHERTYPE_IPV4).flatMap(IpPacket::ipv4);
    }

    static Optional<IpPacket<Inet6Address>> readIpv6(byte[] frame) {
        return ethernetPayload(frame, FrameWriter.ETHERTYPE_IPV6).flatMap(IpPacket::ipv6);
    }

    private static Optional<IpPacket<Inet4Address>> ipv4(ByteBuffer packet) {
        if (packet.limit() < IPV4_HEADER_LENGTH || packet.get(0) >> 4 != 4) {
            return Optional.empty();
        }
        int headerLength = (packet.get(0) & 0xF) * 4;
        int totalLength = packet.getShort(2) & 0xFFFF;
        if (headerLength < IPV4_HEADER_LENGTH || totalLength < headerLength || totalLength > packet.limit()) {
            return Optional.empty();
        }
        if ((packet.getShort(6) & FRAGMENT_OFFSET_AND_MORE_FRAGMENTS) != 0
                || Ip.checksum(packet.slice(0, headerLength)) != 0) {
            return Optional.empty();
        }
        return Optional.of(new IpPacket<>(
                Ip.read(packet.slice(12, Ip.ADDRESS_LENGTH)),
                Ip.read(packet.slice(16, Ip.ADDRESS_LENGTH)),
                packet.get(8) & 0xFF,
                packet.get(9) & 0xFF,
                packet.slice(headerLength, totalLength - headerLength)));
    }

    private static Optional<IpPacket<Inet6Address>> ipv6(ByteBuffer packet) {
        if (packet.limit() < IPV6_HEADER_LENGTH || packet.get(0) >> 4 != 6) {
            return Optional.empty();
        }
        int payloadLength = packet.getShort(4) & 0xFFFF;
        if (payloadLength > packet.limit() - IPV6_HEADER_LENGTH) {
            return Optional.empty();
        }
        return Optional.of(new IpPacket<>(
                Ip.readIpv6(packet.slice(8, Ip.IPV6_ADDRESS_LENGTH)),
                Ip.readIpv6(packet.slice(24, Ip.IPV6_ADDRESS_LENGTH)),
                packet.get(7) & 0xFF,
                packet.get(6) & 0xFF,
                packet.slice(IPV6_HEADER_LENGTH, payloadLength)));
    }

    /** The payload of a datagram between these ports whose checksum is there and right (RFC 768). */
    Optional<ByteBuffer> udpPayload(int srcPort, int dstPort) {
        return udp().filter(datagram ->
                        (datagram.getShort(0) & 0xFFFF) == srcPort && (datagram.getShort(2) & 0xFFFF) == dstPort)
                .map(datagram -> datagram.slice(UDP_HEADER_LENGTH, datagram.limit() - UDP_HEADER_LENGTH));
    }

    /** The datagram, header included, if its checksum is there and right. */
    Optional<ByteBuffer> udp() {
        if (protocol != PROTOCOL_UDP || payload.limit() < UDP_HEADER_LENGTH) {
            return Optional.empty();
        }
        int length = payload.getShort(4) & 0xFFFF;
        if (length < UDP_HEADER_LENGTH || length > payload.limit() || payload.getShort(6) == 0) {
            return Optional.empty();
        }
        ByteBuffer datagram = payload.slice(0, length);
        return Ip.checksum(Ip.pseudoHeader(src, dst, PROTOCOL_UDP, length), datagram) == 0
                ? Optional.of(datagram)
                : Optional.empty();
    }

    /** The message of ICMP or ICMPv6, whichever belongs to this version of IP, if its checksum is right. */
    Optional<ByteBuffer> icmp() {
        boolean isIpv4 = src instanceof Inet4Address;
        if (protocol != (isIpv4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6) || payload.limit() < MINIMUM_ICMP_LENGTH) {
            return Optional.empty();
        }
        int checksum = isIpv4
                ? Ip.checksum(payload)
                : Ip.checksum(Ip.pseudoHeader(src, dst, PROTOCOL_ICMPV6, payload.limit()), payload);
        return checksum == 0 ? Optional.of(payload.duplicate()) : Optional.empty();
    }
}
