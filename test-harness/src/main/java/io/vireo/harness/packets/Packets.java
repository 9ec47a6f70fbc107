package io.vireo.harness.packets;

import static io.vireo.harness.packets.FrameWriter.ARP_LENGTH;
import static io.vireo.harness.packets.FrameWriter.ARP_REPLY;
import static io.vireo.harness.packets.FrameWriter.ARP_REQUEST;
import static io.vireo.harness.packets.FrameWriter.ETHERTYPE_ARP;
import static io.vireo.harness.packets.FrameWriter.ETHERTYPE_IPV4;
import static io.vireo.harness.packets.FrameWriter.ICMP_ECHO_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.ICMP_ECHO_REPLY;
import static io.vireo.harness.packets.FrameWriter.PROTOCOL_ICMP;
import static io.vireo.harness.packets.FrameWriter.PROTOCOL_UDP;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;

/**
 * Builds the frames a guest sends and reads those it gets back, each with the 12-byte virtio-net header (zeros, when
 * built) in front.
 *
 * <p>Arrays that are returned are the caller's. A builder throws {@link IllegalArgumentException} for a number that its
 * field cannot hold; a parser never throws: what is not such a reply, complete and with right checksums, gives an empty
 * result. Stateless, for any thread.
 */
public final class Packets {
    private static final int DEFAULT_TTL = 64;
    private static final int DEFAULT_IDENTIFIER = 0x5649;
    /** As many bytes as ping(8) sends. */
    private static final int DEFAULT_PAYLOAD_LENGTH = 56;

    private static final Inet4Address ANY = ip("0.0.0.0");
    private static final Inet4Address BROADCAST = ip("255.255.255.255");

    private Packets() {}

    /** Shorthand for {@link Mac#parse}. */
    public static Mac mac(String text) {
        return Mac.parse(text);
    }

    /** An IPv4 address in dotted decimal; throws {@link IllegalArgumentException} for anything else. */
    public static Inet4Address ip(String text) {
        return Inet4Address.ofLiteral(text);
    }

    /** A broadcast that asks who has {@code targetIp} (RFC 826). */
    public static byte[] createArpRequest(Mac senderMac, Inet4Address senderIp, Inet4Address targetIp) {
        byte[] packet = FrameWriter.arp(ARP_REQUEST, senderMac, senderIp, Mac.ZERO, targetIp);
        return FrameWriter.ethernet(Mac.BROADCAST, senderMac, ETHERTYPE_ARP, packet);
    }

    /** DHCPDISCOVER of a client without an address that accepts unicast answers (RFC 2131, 4.4.1). */
    public static byte[] createDhcpDiscover(Mac clientMac, int xid) {
        return broadcastDhcp(clientMac, Dhcp.request(Dhcp.DISCOVER, clientMac, xid, Map.of()));
    }

    /** DHCPREQUEST in state SELECTING: takes the server's offer (RFC 2131, 4.3.2). */
    public static byte[] createDhcpRequest(Mac clientMac, int xid, Inet4Address requestedIp, Inet4Address serverIp) {
        return broadcastDhcp(
                clientMac, Dhcp.request(Dhcp.REQUEST, clientMac, xid, Dhcp.selecting(requestedIp, serverIp)));
    }

    /** An echo request with 56 bytes of payload (RFC 792), and {@code seq} of 0 to 65535. */
    public static byte[] createIcmpEchoRequest(
            Mac srcMac, Mac dstMac, Inet4Address srcIp, Inet4Address dstIp, int seq) {
        byte[] payload = new byte[DEFAULT_PAYLOAD_LENGTH];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) i;
        }
        return createIcmpEchoRequest(srcMac, dstMac, srcIp, dstIp, DEFAULT_IDENTIFIER, seq, payload);
    }

    /** An echo request; {@code identifier} and {@code seq} of 0 to 65535. */
    public static byte[] createIcmpEchoRequest(
            Mac srcMac, Mac dstMac, Inet4Address srcIp, Inet4Address dstIp, int identifier, int seq, byte[] payload) {
        byte[] message = FrameWriter.icmpEcho(FrameWriter.ICMP_ECHO_REQUEST, identifier, seq, payload);
        return FrameWriter.ethernet(
                dstMac, srcMac, ETHERTYPE_IPV4, FrameWriter.ipv4(srcIp, dstIp, PROTOCOL_ICMP, DEFAULT_TTL, message));
    }

    /** What a host answers to the echo request in {@code frame}; nothing if there is none in it. */
    public static Optional<byte[]> createIcmpEchoReply(byte[] frame) {
        return echo(frame, FrameWriter.ICMP_ECHO_REQUEST).map(request -> {
            ByteBuffer ethernet = ByteBuffer.wrap(frame).position(FrameWriter.VIRTIO_NET_HEADER_LENGTH);
            Mac self = Mac.read(ethernet);
            Mac asker = Mac.read(ethernet);
            IcmpEchoReply echo = echoReply(request);
            byte[] message = FrameWriter.icmpEcho(ICMP_ECHO_REPLY, echo.identifier(), echo.sequence(), echo.payload());
            byte[] packet = FrameWriter.ipv4(
                    /* src= */ request.dst(), /* dst= */ request.src(), PROTOCOL_ICMP, DEFAULT_TTL, message);
            return FrameWriter.ethernet(asker, self, ETHERTYPE_IPV4, packet);
        });
    }

    /** A UDP datagram with a checksum (RFC 768); {@code ttl} of 0 to 255. */
    public static byte[] createUdp(
            Mac srcMac,
            Mac dstMac,
            Inet4Address srcIp,
            Inet4Address dstIp,
            int srcPort,
            int dstPort,
            byte[] payload,
            int ttl) {
        byte[] datagram = FrameWriter.udp(srcIp, dstIp, srcPort, dstPort, payload);
        return FrameWriter.ethernet(
                dstMac, srcMac, ETHERTYPE_IPV4, FrameWriter.ipv4(srcIp, dstIp, PROTOCOL_UDP, ttl, datagram));
    }

    public static Optional<ArpReply> parseArpReply(byte[] frame) {
        return Ipv4Packet.ethernetPayload(frame, ETHERTYPE_ARP)
                .filter(packet -> packet.limit() >= ARP_LENGTH
                        && packet.getShort() == 1
                        && packet.getShort() == ETHERTYPE_IPV4
                        && packet.get() == Mac.LENGTH
                        && packet.get() == Ip.ADDRESS_LENGTH
                        && packet.getShort() == ARP_REPLY)
                .map(packet -> new ArpReply(Mac.read(packet), Ip.read(packet), Mac.read(packet), Ip.read(packet)));
    }

    public static Optional<DhcpResponse> parseDhcpResponse(byte[] frame) {
        return Ipv4Packet.read(frame)
                .flatMap(packet -> packet.udpPayload(Dhcp.SERVER_PORT, Dhcp.CLIENT_PORT))
                .flatMap(Dhcp::read);
    }

    public static Optional<IcmpEchoReply> parseIcmpEchoReply(byte[] frame) {
        return echo(frame, ICMP_ECHO_REPLY).map(Packets::echoReply);
    }

    private static Optional<Ipv4Packet> echo(byte[] frame, int type) {
        return Ipv4Packet.read(frame)
                .filter(packet -> packet.protocol() == PROTOCOL_ICMP
                        && packet.payload().limit() >= ICMP_ECHO_HEADER_LENGTH
                        && packet.payload().get(0) == type
                        && packet.payload().get(1) == 0
                        && Ip.checksum(packet.payload()) == 0);
    }

    private static IcmpEchoReply echoReply(Ipv4Packet packet) {
        ByteBuffer message = packet.payload();
        byte[] payload = new byte[message.limit() - ICMP_ECHO_HEADER_LENGTH];
        message.get(ICMP_ECHO_HEADER_LENGTH, payload);
        return new IcmpEchoReply(
                packet.src(),
                packet.dst(),
                message.getShort(4) & 0xFFFF,
                message.getShort(6) & 0xFFFF,
                packet.ttl(),
                payload);
    }

    private static byte[] broadcastDhcp(Mac clientMac, byte[] message) {
        return createUdp(
                clientMac, Mac.BROADCAST, ANY, BROADCAST, Dhcp.CLIENT_PORT, Dhcp.SERVER_PORT, message, DEFAULT_TTL);
    }
}
