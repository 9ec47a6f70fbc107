package io.vireo.harness.packets;

import static io.vireo.harness.packets.FrameWriter.ETHERNET_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.IPV4_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.PROTOCOL_UDP;
import static io.vireo.harness.packets.FrameWriter.UDP_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.VIRTIO_NET_HEADER_LENGTH;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An unfragmented IPv4 packet (RFC 791) whose header checksum is right.
 *
 * @param payload what total length leaves after the header; never longer than what has arrived
 */
record Ipv4Packet(Inet4Address src, Inet4Address dst, int ttl, int protocol, ByteBuffer payload) {
    private static final int FRAGMENT_OFFSET_AND_MORE_FRAGMENTS = 0x3FFF;

    /** What follows the Ethernet header, or nothing where that is not of this type or the frame is shorter. */
    static Optional<ByteBuffer> ethernetPayload(byte[] frame, int etherType) {
        int header = VIRTIO_NET_HEADER_LENGTH + ETHERNET_HEADER_LENGTH;
        if (frame.length < header || (ByteBuffer.wrap(frame).getShort(header - 2) & 0xFFFF) != etherType) {
            return Optional.empty();
        }
        return Optional.of(ByteBuffer.wrap(frame, header, frame.length - header).slice());
    }

    static Optional<Ipv4Packet> read(byte[] frame) {
        return ethernetPayload(frame, FrameWriter.ETHERTYPE_IPV4).flatMap(Ipv4Packet::read);
    }

    private static Optional<Ipv4Packet> read(ByteBuffer packet) {
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
        return Optional.of(new Ipv4Packet(
                Ip.read(packet.slice(12, Ip.ADDRESS_LENGTH)),
                Ip.read(packet.slice(16, Ip.ADDRESS_LENGTH)),
                packet.get(8) & 0xFF,
                packet.get(9) & 0xFF,
                packet.slice(headerLength, totalLength - headerLength)));
    }

    /** The payload of a datagram between these ports whose checksum is there and right (RFC 768). */
    Optional<ByteBuffer> udpPayload(int srcPort, int dstPort) {
        if (protocol != PROTOCOL_UDP || payload.limit() < UDP_HEADER_LENGTH) {
            return Optional.empty();
        }
        int length = payload.getShort(4) & 0xFFFF;
        if ((payload.getShort(0) & 0xFFFF) != srcPort
                || (payload.getShort(2) & 0xFFFF) != dstPort
                || length < UDP_HEADER_LENGTH
                || length > payload.limit()
                || payload.getShort(6) == 0) {
            return Optional.empty();
        }
        ByteBuffer datagram = payload.slice(0, length);
        return Ip.checksum(Ip.pseudoHeader(src, dst, PROTOCOL_UDP, length), datagram) == 0
                ? Optional.of(datagram.slice(UDP_HEADER_LENGTH, length - UDP_HEADER_LENGTH))
                : Optional.empty();
    }
}
