package io.vireo.harness.packets;

import static io.vireo.harness.packets.FrameWriter.ARP_LENGTH;
import static io.vireo.harness.packets.FrameWriter.ARP_REPLY;
import static io.vireo.harness.packets.FrameWriter.ARP_REQUEST;
import static io.vireo.harness.packets.FrameWriter.ETHERTYPE_ARP;
import static io.vireo.harness.packets.FrameWriter.ETHERTYPE_IPV4;
import static io.vireo.harness.packets.FrameWriter.PROTOCOL_UDP;
import static io.vireo.harness.packets.FrameWriter.VIRTIO_NET_HEADER_LENGTH;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Builds the frames a guest sends and reads those it gets back, each with the 12-byte virtio-net header (zeros, when
 * built) in front. {@link DhcpBuilder}, {@link Dhcpv6Builder} and {@link RawPackets} build what is rarer.
 *
 * <p>Arrays that are returned are the caller's. A builder throws {@link IllegalArgumentException} for a number that its
 * field cannot hold; a parser never throws: what is not such a reply, complete and with right checksums, gives an empty
 * result. Stateless, for any thread.
 */
public final class Packets {
    /** Who the gateway is to every guest. */
    public static final Mac GATEWAY_MAC = mac("02:00:00:00:00:01");

    public static final Inet4Address GATEWAY_IPV4_LINK_LOCAL = ip("169.254.0.1");
    public static final Inet6Address GATEWAY_IPV6_LINK_LOCAL = ip6("fe80::1");

    /** {@code ::}, the source of a guest that has no address yet. */
    public static final Inet6Address UNSPECIFIED = ip6("::");

    public static final Inet6Address ALL_NODES = ip6("ff02::1");
    public static final Inet6Address ALL_ROUTERS = ip6("ff02::2");

    static final int DEFAULT_TTL = 64;
    private static final int DEFAULT_IDENTIFIER = 0x5649;
    /** As many bytes as ping(8) sends. */
    private static final int DEFAULT_PAYLOAD_LENGTH = 56;

    private Packets() {}

    /** Shorthand for {@link Mac#parse}. */
    public static Mac mac(String text) {
        return Mac.parse(text);
    }

    /** An IPv4 address in dotted decimal; throws {@link IllegalArgumentException} for anything else. */
    public static Inet4Address ip(String text) {
        return Inet4Address.ofLiteral(text);
    }

    /** An IPv6 address without a zone; throws {@link IllegalArgumentException} for anything else. */
    public static Inet6Address ip6(String text) {
        if (Inet6Address.ofLiteral(text) instanceof Inet6Address address) {
            return address;
        }
        throw new IllegalArgumentException("an IPv4-mapped address is none of a packet's: " + text);
    }

    /** The link-local address that the MAC address alone decides (RFC 4291, appendix A). */
    public static Inet6Address linkLocal(Mac mac) {
        long identifier = (mac.value() >>> 24 << 40) | 0xFF_FE00_0000L | (mac.value() & 0xFF_FFFF);
        return Ip.readIpv6(ByteBuffer.allocate(Ip.IPV6_ADDRESS_LENGTH)
                .putLong(0xFE80_0000_0000_0000L)
                .putLong(identifier ^ 0x0200_0000_0000_0000L)
                .flip());
    }

    /** The address that whoever has this one listens to, {@code ff02::1:ff00:0/104} (RFC 4291, 2.7.1). */
    public static Inet6Address solicitedNode(Inet6Address target) {
        byte[] group = ip6("ff02::1:ff00:0").getAddress();
        System.arraycopy(target.getAddress(), 13, group, 13, 3);
        return Ip.readIpv6(ByteBuffer.wrap(group));
    }

    /** A DUID made of the MAC address (RFC 8415, 11.4). */
    public static Octets generateDuidLl(Mac mac) {
        ByteBuffer duid = ByteBuffer.allocate(10).putShort((short) 3).putShort((short) 1);
        mac.write(duid);
        return Octets.of(duid.array());
    }

    /** A broadcast that asks who has {@code targetIp} (RFC 826). */
    public static byte[] createArpRequest(Mac senderMac, Inet4Address senderIp, Inet4Address targetIp) {
        byte[] packet = FrameWriter.arp(ARP_REQUEST, senderMac, senderIp, Mac.ZERO, targetIp);
        return FrameWriter.ethernet(Mac.BROADCAST, senderMac, ETHERTYPE_ARP, packet);
    }

    /** DHCPDISCOVER of a client without an address that accepts unicast answers (RFC 2131, 4.4.1). */
    public static byte[] createDhcpDiscover(Mac clientMac, int xid) {
        return DhcpBuilder.discover(clientMac, xid).frame();
    }

    /** DHCPREQUEST in state SELECTING: takes the server's offer (RFC 2131, 4.3.2). */
    public static byte[] createDhcpRequest(Mac clientMac, int xid, Inet4Address requestedIp, Inet4Address serverIp) {
        return DhcpBuilder.selecting(clientMac, xid, requestedIp, serverIp).frame();
    }

    /** A SOLICIT for one address, with an IA_NA of the number 1 and transaction 1 (RFC 8415, 18.2.1). */
    public static byte[] createDhcpv6Solicit(Mac clientMac, Octets duid) {
        return Dhcpv6Builder.of(Dhcpv6MessageType.SOLICIT, clientMac)
                .clientId(duid)
                .iaNa(Dhcpv6Ia.of(1))
                .frame();
    }

    /** A REQUEST for what a server has advertised, with transaction 1 (RFC 8415, 18.2.2). */
    public static byte[] createDhcpv6Request(Mac clientMac, Octets duid, Octets serverDuid, Dhcpv6Ia iaNa) {
        return Dhcpv6Builder.of(Dhcpv6MessageType.REQUEST, clientMac)
                .clientId(duid)
                .serverId(serverDuid)
                .iaNa(iaNa)
                .frame();
    }

    /** Asks all routers (RFC 4861, 4.1); {@code srcIp} may be {@link #UNSPECIFIED}, and then no MAC address is told. */
    public static byte[] createRouterSolicitation(Mac srcMac, Inet6Address srcIp) {
        byte[] body = Ndp.routerSolicitation(srcMac, srcIp);
        return RawPackets.createIcmpv6(
                srcMac,
                Mac.multicast(ALL_ROUTERS),
                srcIp,
                ALL_ROUTERS,
                Ndp.HOP_LIMIT,
                Ndp.ROUTER_SOLICITATION,
                0,
                body);
    }

    /**
     * Asks by multicast who has {@code targetIp} (RFC 4861, 4.3). With {@link #UNSPECIFIED} for {@code srcIp} it asks
     * whether anybody has it already, as duplicate address detection does (RFC 4862, 5.4.2).
     */
    public static byte[] createNeighborSolicitation(Mac srcMac, Inet6Address srcIp, Inet6Address targetIp) {
        Inet6Address group = solicitedNode(targetIp);
        return createNeighborSolicitation(srcMac, Mac.multicast(group), srcIp, group, targetIp);
    }

    /** The same to somebody in particular, as a host that checks whether its neighbour is still there. */
    public static byte[] createNeighborSolicitation(
            Mac srcMac, Mac dstMac, Inet6Address srcIp, Inet6Address dstIp, Inet6Address targetIp) {
        byte[] body = Ndp.neighborSolicitation(srcMac, srcIp, targetIp);
        return RawPackets.createIcmpv6(srcMac, dstMac, srcIp, dstIp, Ndp.HOP_LIMIT, Ndp.NEIGHBOR_SOLICITATION, 0, body);
    }

    /** An echo request with 56 bytes of payload (RFC 792), and {@code seq} of 0 to 65535. */
    public static byte[] createIcmpEchoRequest(
            Mac srcMac, Mac dstMac, Inet4Address srcIp, Inet4Address dstIp, int seq) {
        return createIcmpEchoRequest(srcMac, dstMac, srcIp, dstIp, DEFAULT_IDENTIFIER, seq, defaultPayload());
    }

    /** An echo request; {@code identifier} and {@code seq} of 0 to 65535. */
    public static byte[] createIcmpEchoRequest(
            Mac srcMac, Mac dstMac, Inet4Address srcIp, Inet4Address dstIp, int identifier, int seq, byte[] payload) {
        byte[] echo = FrameWriter.echo(identifier, seq, payload);
        return RawPackets.createIcmp(srcMac, dstMac, srcIp, dstIp, DEFAULT_TTL, Icmp.ECHO_REQUEST, 0, echo);
    }

    /** An echo request with 56 bytes of payload (RFC 4443, 4.1), and {@code seq} of 0 to 65535. */
    public static byte[] createIcmpv6EchoRequest(
            Mac srcMac, Mac dstMac, Inet6Address srcIp, Inet6Address dstIp, int seq) {
        return createIcmpv6EchoRequest(srcMac, dstMac, srcIp, dstIp, DEFAULT_IDENTIFIER, seq, defaultPayload());
    }

    /** An echo request; {@code identifier} and {@code seq} of 0 to 65535. */
    public static byte[] createIcmpv6EchoRequest(
            Mac srcMac, Mac dstMac, Inet6Address srcIp, Inet6Address dstIp, int identifier, int seq, byte[] payload) {
        byte[] echo = FrameWriter.echo(identifier, seq, payload);
        return RawPackets.createIcmpv6(srcMac, dstMac, srcIp, dstIp, DEFAULT_TTL, Icmp.V6_ECHO_REQUEST, 0, echo);
    }

    private static byte[] defaultPayload() {
        byte[] payload = new byte[DEFAULT_PAYLOAD_LENGTH];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) i;
        }
        return payload;
    }

    /** What a host answers to the echo request in {@code frame}; nothing if there is none in it. */
    public static Optional<byte[]> createIcmpEchoReply(byte[] frame) {
        return IpPacket.readIpv4(frame)
                .flatMap(packet -> Icmp.echo(packet, Icmp.ECHO_REQUEST))
                .map(request -> RawPackets.createIcmp(
                        destinationMac(frame),
                        sourceMac(frame),
                        /* srcIp= */ request.dst(),
                        /* dstIp= */ request.src(),
                        DEFAULT_TTL,
                        Icmp.ECHO_REPLY,
                        0,
                        FrameWriter.echo(request.identifier(), request.sequence(), request.payload())));
    }

    /** What a host answers to the ICMPv6 echo request in {@code frame}; nothing if there is none in it. */
    public static Optional<byte[]> createIcmpv6EchoReply(byte[] frame) {
        return IpPacket.readIpv6(frame)
                .flatMap(packet -> Icmp.echo(packet, Icmp.V6_ECHO_REQUEST))
                .map(request -> RawPackets.createIcmpv6(
                        destinationMac(frame),
                        sourceMac(frame),
                        /* srcIp= */ request.dst(),
                        /* dstIp= */ request.src(),
                        DEFAULT_TTL,
                        Icmp.V6_ECHO_REPLY,
                        0,
                        FrameWriter.echo(request.identifier(), request.sequence(), request.payload())));
    }

    /** A UDP datagram with a checksum (RFC 768) that nobody may fragment; {@code ttl} of 0 to 255. */
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

    /** The same over IPv6 (RFC 8200); {@code hopLimit} of 0 to 255. */
    public static byte[] createUdp(
            Mac srcMac,
            Mac dstMac,
            Inet6Address srcIp,
            Inet6Address dstIp,
            int srcPort,
            int dstPort,
            byte[] payload,
            int hopLimit) {
        byte[] datagram = FrameWriter.udp(srcIp, dstIp, srcPort, dstPort, payload);
        return RawPackets.createIpv6(srcMac, dstMac, srcIp, dstIp, PROTOCOL_UDP, hopLimit, datagram);
    }

    /** Whom a frame is for; it must have an Ethernet header. */
    public static Mac destinationMac(byte[] frame) {
        return Mac.read(ByteBuffer.wrap(frame).position(VIRTIO_NET_HEADER_LENGTH));
    }

    /** Whom a frame is from; it must have an Ethernet header. */
    public static Mac sourceMac(byte[] frame) {
        return Mac.read(ByteBuffer.wrap(frame).position(VIRTIO_NET_HEADER_LENGTH + Mac.LENGTH));
    }

    public static Optional<ArpReply> parseArpReply(byte[] frame) {
        return IpPacket.ethernetPayload(frame, ETHERTYPE_ARP)
                .filter(packet -> packet.limit() >= ARP_LENGTH
                        && packet.getShort() == 1
                        && packet.getShort() == ETHERTYPE_IPV4
                        && packet.get() == Mac.LENGTH
                        && packet.get() == Ip.ADDRESS_LENGTH
                        && packet.getShort() == ARP_REPLY)
                .map(packet -> new ArpReply(Mac.read(packet), Ip.read(packet), Mac.read(packet), Ip.read(packet)));
    }

    /** An OFFER, an ACK or a NAK. */
    public static Optional<DhcpResponse> parseDhcpResponse(byte[] frame) {
        return IpPacket.readIpv4(frame).flatMap(Dhcp::read);
    }

    /** An ADVERTISE or a REPLY. */
    public static Optional<Dhcpv6Response> parseDhcpv6Response(byte[] frame) {
        return IpPacket.readIpv6(frame).flatMap(Dhcpv6::read);
    }

    public static Optional<RaResponse> parseRouterAdvertisement(byte[] frame) {
        return IpPacket.readIpv6(frame).flatMap(Ndp::routerAdvertisement);
    }

    public static Optional<NaResponse> parseNeighborAdvertisement(byte[] frame) {
        return IpPacket.readIpv6(frame).flatMap(Ndp::neighborAdvertisement);
    }

    public static Optional<IcmpEchoReply> parseIcmpEchoReply(byte[] frame) {
        return IpPacket.readIpv4(frame)
                .flatMap(packet -> Icmp.echo(packet, Icmp.ECHO_REPLY))
                .map(echo -> new IcmpEchoReply(
                        echo.src(), echo.dst(), echo.identifier(), echo.sequence(), echo.hopLimit(), echo.payload()));
    }

    public static Optional<Icmpv6EchoReply> parseIcmpv6EchoReply(byte[] frame) {
        return IpPacket.readIpv6(frame)
                .flatMap(packet -> Icmp.echo(packet, Icmp.V6_ECHO_REPLY))
                .map(echo -> new Icmpv6EchoReply(
                        echo.src(), echo.dst(), echo.identifier(), echo.sequence(), echo.hopLimit(), echo.payload()));
    }

    /** Destination unreachable, time exceeded or parameter problem (RFC 792) of no more than 576 bytes. */
    public static Optional<IcmpError> parseIcmpError(byte[] frame) {
        return IpPacket.readIpv4(frame).flatMap(Icmp::error);
    }

    /** Destination unreachable, packet too big, time exceeded or parameter problem of no more than 1280 bytes. */
    public static Optional<IcmpError> parseIcmpv6Error(byte[] frame) {
        return IpPacket.readIpv6(frame).flatMap(Icmp::errorV6);
    }

    /** A datagram over either version of IP. */
    public static Optional<UdpDatagram> parseUdp(byte[] frame) {
        return IpPacket.readIpv4(frame)
                .flatMap(Packets::udp)
                .or(() -> IpPacket.readIpv6(frame).flatMap(Packets::udp));
    }

    private static Optional<UdpDatagram> udp(IpPacket<?> packet) {
        return packet.udp().map(datagram -> {
            ByteBuffer payload = datagram.duplicate().position(FrameWriter.UDP_HEADER_LENGTH);
            return new UdpDatagram(
                    packet.src(),
                    packet.dst(),
                    packet.hopLimit(),
                    datagram.getShort(0) & 0xFFFF,
                    datagram.getShort(2) & 0xFFFF,
                    Octets.of(payload));
        });
    }
}
