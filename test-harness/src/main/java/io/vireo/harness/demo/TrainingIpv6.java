package io.vireo.harness.demo;

import static io.vireo.harness.packets.Packets.GATEWAY_IPV6_LINK_LOCAL;
import static io.vireo.harness.packets.Packets.GATEWAY_MAC;

import io.vireo.harness.packets.Dhcpv6Builder;
import io.vireo.harness.packets.Dhcpv6Ia;
import io.vireo.harness.packets.Dhcpv6MessageType;
import io.vireo.harness.packets.Dhcpv6Response;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.Packets;
import io.vireo.harness.packets.RawPackets;
import java.io.IOException;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.List;

/** What a guest's kernel does over IPv6, and the frames that it sends to another guest. */
final class TrainingIpv6 {
    private static final int ASSOCIATION = 1;
    private static final int PORT = 7;
    private static final int HOP_LIMIT = 64;
    private static final int TCP = 6;
    private static final int TCP_HEADER_LENGTH = 20;
    private static final int TCP_DATA_OFFSET = 12;

    private final DemoGuest guest;
    private final Octets duid;
    private final Inet6Address linkLocal;
    private final Inet6Address address;

    /** Finds the router, leases an address and a prefix, and resolves the gateway. */
    TrainingIpv6(DemoGuest guest) throws IOException {
        this.guest = guest;
        duid = Packets.generateDuidLl(guest.mac());
        linkLocal = Packets.linkLocal(guest.mac());
        guest.ask(
                Packets.createRouterSolicitation(guest.mac(), linkLocal),
                "a router advertisement",
                Packets::parseRouterAdvertisement);
        address = lease();
        guest.ask(
                Packets.createNeighborSolicitation(guest.mac(), address, GATEWAY_IPV6_LINK_LOCAL),
                "a neighbor advertisement",
                Packets::parseNeighborAdvertisement);
    }

    private Inet6Address lease() throws IOException {
        Dhcpv6Response offer = askDhcp(message(Dhcpv6MessageType.SOLICIT)
                .iaNa(Dhcpv6Ia.of(ASSOCIATION))
                .iaPd(Dhcpv6Ia.of(ASSOCIATION)));
        Dhcpv6Response reply = askDhcp(message(Dhcpv6MessageType.REQUEST)
                .serverId(offer.serverDuid())
                .iaNa(offer.iaNa().getFirst())
                .iaPd(offer.iaPd().getFirst()));
        return reply.iaNa().getFirst().leases().getFirst().address();
    }

    private Dhcpv6Builder message(Dhcpv6MessageType type) {
        return Dhcpv6Builder.of(type, guest.mac()).clientId(duid);
    }

    private Dhcpv6Response askDhcp(Dhcpv6Builder message) throws IOException {
        return guest.ask(message.frame(), "a DHCPv6 answer", Packets::parseDhcpv6Response);
    }

    void pingGateway(int sequence) throws IOException {
        guest.ask(echoTo(GATEWAY_IPV6_LINK_LOCAL, sequence), "an echo reply", Packets::parseIcmpv6EchoReply);
    }

    /** Both guests are this thread's. */
    void ping(TrainingIpv6 other, int sequence) throws IOException {
        guest.send(echoTo(other.address, sequence), 1);
        other.guest.send(other.guest.expect("a ping", Packets::createIcmpv6EchoReply), 1);
        guest.expect("an echo reply", Packets::parseIcmpv6EchoReply);
    }

    private byte[] echoTo(Inet6Address target, int sequence) {
        return Packets.createIcmpv6EchoRequest(guest.mac(), GATEWAY_MAC, address, target, sequence);
    }

    byte[] datagramTo(TrainingIpv6 other, int payload) {
        return datagramTo(other.address, payload, HOP_LIMIT);
    }

    private byte[] datagramTo(Inet6Address target, int payload, int hopLimit) {
        return Packets.createUdp(guest.mac(), GATEWAY_MAC, address, target, PORT, PORT, new byte[payload], hopLimit);
    }

    /** Whole frames that are no load: questions, what cannot be forwarded, and another protocol. */
    List<byte[]> rareTo(TrainingIpv6 other) {
        byte[] segment = new byte[TCP_HEADER_LENGTH];
        segment[TCP_DATA_OFFSET] = (TCP_HEADER_LENGTH / Integer.BYTES) << 4;
        List<byte[]> frames = new ArrayList<>();
        frames.add(Packets.createRouterSolicitation(guest.mac(), linkLocal));
        frames.add(Packets.createNeighborSolicitation(guest.mac(), Packets.UNSPECIFIED, address));
        frames.add(Packets.createNeighborSolicitation(guest.mac(), address, other.address));
        frames.add(Packets.createDhcpv6Solicit(guest.mac(), duid));
        frames.add(echoTo(GATEWAY_IPV6_LINK_LOCAL, 0));
        frames.add(echoTo(other.address, 0));
        frames.add(RawPackets.createIpv6(guest.mac(), GATEWAY_MAC, address, other.address, TCP, HOP_LIMIT, segment));
        frames.add(datagramTo(Packets.ip6("2001:db8:ffff::1"), 0, HOP_LIMIT));
        frames.add(datagramTo(other.address, 0, 1));
        frames.add(datagramTo(GATEWAY_IPV6_LINK_LOCAL, 0, HOP_LIMIT));
        return frames;
    }
}
