package io.vireo.harness;

import static io.vireo.harness.GuestIpv6.await;
import static io.vireo.harness.GuestIpv6.awaitFrame;
import static io.vireo.harness.GuestIpv6.duid;
import static io.vireo.harness.GuestIpv6.lease;
import static io.vireo.harness.GuestIpv6.leaseRapidly;
import static io.vireo.harness.GuestIpv6.linkLocal;
import static io.vireo.harness.GuestIpv6.ping;
import static io.vireo.harness.packets.Packets.GATEWAY_IPV6_LINK_LOCAL;
import static io.vireo.harness.packets.Packets.GATEWAY_MAC;
import static io.vireo.harness.packets.Packets.ip6;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.packets.Dhcpv6Builder;
import io.vireo.harness.packets.Dhcpv6Ia;
import io.vireo.harness.packets.Dhcpv6Lease;
import io.vireo.harness.packets.Dhcpv6MessageType;
import io.vireo.harness.packets.Dhcpv6Response;
import io.vireo.harness.packets.Dhcpv6Status;
import io.vireo.harness.packets.IcmpError;
import io.vireo.harness.packets.NaResponse;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.Packets;
import io.vireo.harness.packets.PrefixInfo;
import io.vireo.harness.packets.RaResponse;
import io.vireo.harness.packets.RawPackets;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Advertising;
import io.vireo.router.config.Delegation;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import java.io.IOException;
import java.net.Inet6Address;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a guest does first over IPv6: it finds its router, leases and pings; in both ways of coming by addresses. */
@ParameterizedClass
@EnumSource(Ipv6Addressing.class)
@Timeout(60)
class Dhcpv6NdpIT {
    private static final Inet6Address GATEWAY = ip6("2001:db8:1::1");
    private static final Octets SERVER = Packets.generateDuidLl(GATEWAY_MAC);
    private static final int NTP = 56;

    private final Ipv6Addressing addressing;
    private TestRouter router;
    private TestGuest guest;
    private TestGuest other;

    Dhcpv6NdpIT(Ipv6Addressing addressing) {
        this.addressing = addressing;
    }

    @BeforeEach
    void attach() throws IOException {
        Ipv6Network network = new Ipv6Network(
                Ipv6Prefix.parse("2001:db8:1::/48"),
                addressing,
                Optional.of(new Delegation(Ipv6Prefix.parse("2001:db8:8000::/36"), 56)),
                Advertising.DEFAULT);
        router = TestRouter.start(Addressing.ROUTED, network, 2);
        guest = TestGuest.attach(router, 1);
        other = TestGuest.attach(router, 2);
    }

    @AfterEach
    void detach() throws IOException {
        guest.close();
        other.close();
        router.close();
    }

    @Test
    void routerSolicitationIsAnsweredWithWhatTheGuestIsToDo() throws IOException {
        byte[] frame = answer(
                guest,
                Packets.createRouterSolicitation(guest.mac, linkLocal(guest)),
                answer -> Packets.parseRouterAdvertisement(answer)
                        .filter(ra -> ra.dstIp().equals(linkLocal(guest))));
        RaResponse ra = Packets.parseRouterAdvertisement(frame).orElseThrow();
        assertEquals(guest.mac, Packets.destinationMac(frame));
        assertEquals(GATEWAY_IPV6_LINK_LOCAL, ra.srcIp());
        assertEquals(Optional.of(GATEWAY_MAC), ra.sourceLinkLayer());
        assertEquals(1800, ra.routerLifetime());
        assertEquals(!isSlaac(), ra.managed());
        assertTrue(ra.other());
        assertEquals(OptionalLong.of(1500), ra.mtu());
        assertEquals(List.of(ip6("2001:db8::53")), ra.dnsServers());
        assertEquals(List.of("example.com"), ra.searchList());
        PrefixInfo prefix = ra.prefixes().getFirst();
        assertEquals(1, ra.prefixes().size());
        assertEquals(isSlaac(), prefix.autonomous());
        assertEquals(false, prefix.onLink(), "everything goes by way of the gateway");
        if (isSlaac()) {
            assertEquals(64, prefix.prefixLength());
            assertNotEquals(ip6("2001:db8:1::"), prefix.prefix(), "the first /64 is the gateway's");
        }
    }

    @Test
    void solicitationOfAGuestWithoutAnAddressIsAnsweredToAllNodes() throws IOException {
        byte[] frame = answer(
                guest,
                Packets.createRouterSolicitation(guest.mac, Packets.UNSPECIFIED),
                answer -> Packets.parseRouterAdvertisement(answer)
                        .filter(ra -> ra.dstIp().equals(Packets.ALL_NODES)));
        assertEquals(guest.mac, Packets.destinationMac(frame));
    }

    @Test
    void eachGuestHasAPrefixOfItsOwn() throws IOException {
        assertEquals(
                isSlaac(),
                !advertisement(guest).prefixes().equals(advertisement(other).prefixes()));
    }

    @Test
    void bothAddressesOfTheGatewayAnswerNeighborSolicitations() throws IOException {
        Inet6Address source = linkLocal(guest);
        for (Inet6Address gateway : List.of(GATEWAY_IPV6_LINK_LOCAL, GATEWAY)) {
            NaResponse expected = new NaResponse(gateway, source, gateway, true, true, true, Optional.of(GATEWAY_MAC));
            assertEquals(expected, neighbor(Packets.createNeighborSolicitation(guest.mac, source, gateway)));
            byte[] unicast = Packets.createNeighborSolicitation(guest.mac, GATEWAY_MAC, source, gateway, gateway);
            assertEquals(expected.targetIp(), neighbor(unicast).targetIp());
        }
    }

    @Test
    void gatewayDefendsItsAddressAgainstAProbe() throws IOException {
        NaResponse defence =
                neighbor(Packets.createNeighborSolicitation(guest.mac, Packets.UNSPECIFIED, GATEWAY_IPV6_LINK_LOCAL));
        assertEquals(Packets.ALL_NODES, defence.dstIp());
        assertEquals(false, defence.solicited());
        assertTrue(defence.router());
    }

    @Test
    void probesForOtherAddressesAreNotAnswered() throws IOException {
        expectNothing(Packets.createNeighborSolicitation(guest.mac, Packets.UNSPECIFIED, linkLocal(guest)));
        expectNothing(Packets.createNeighborSolicitation(guest.mac, linkLocal(guest), linkLocal(other)));
    }

    @Test
    void solicitationsThatBreakTheRulesAreNotAnswered() throws IOException {
        byte[] right = Packets.createNeighborSolicitation(guest.mac, linkLocal(guest), GATEWAY_IPV6_LINK_LOCAL);
        byte[] routed = right.clone();
        routed[12 + 14 + 7] = (byte) 254;
        expectNothing(routed);
        byte[] damaged = right.clone();
        damaged[12 + 14 + 40 + 20] ^= 1;
        expectNothing(damaged);
        byte[] zeroLength = new byte[28];
        zeroLength[4] = (byte) 0xfe;
        zeroLength[4 + 1] = (byte) 0x80;
        zeroLength[4 + 15] = 1;
        zeroLength[20] = 1; // an option of length 0
        expectNothing(RawPackets.createIcmpv6(
                guest.mac, GATEWAY_MAC, linkLocal(guest), GATEWAY_IPV6_LINK_LOCAL, 255, 135, 0, zeroLength));
    }

    @Test
    void advertisementsOfGuestsReachNobody() throws IOException {
        byte[] lifetime = Octets.of(64, 0, 0x07, 0x08, 0, 0, 0, 0, 0, 0, 0, 0).toBytes();
        guest.send(RawPackets.createIcmpv6(
                guest.mac, GATEWAY_MAC, linkLocal(guest), Packets.ALL_NODES, 255, 134, 0, lifetime));
        ping(guest, linkLocal(guest), GATEWAY_IPV6_LINK_LOCAL, 7, new byte[0]);
        ping(other, linkLocal(other), GATEWAY_IPV6_LINK_LOCAL, 7, new byte[0]);
    }

    @Test
    void theWholeLifeOfALease() throws IOException {
        Dhcpv6Response advertise = dhcp(Packets.createDhcpv6Solicit(guest.mac, duid(guest)));
        assertEquals(Dhcpv6MessageType.ADVERTISE, advertise.msgType());
        assertEquals(SERVER, advertise.serverDuid());
        Dhcpv6Ia offered = advertise.iaNa().getFirst();
        Dhcpv6Response reply = dhcp(Packets.createDhcpv6Request(guest.mac, duid(guest), SERVER, offered));
        assertEquals(Dhcpv6MessageType.REPLY, reply.msgType());
        assertEquals(Optional.of(duid(guest)), reply.clientDuid());
        assertEquals(advertise.iaNa(), reply.iaNa());
        assertEquals(
                reply.iaNa(),
                dhcp(message(Dhcpv6MessageType.RENEW, offered).serverId(SERVER)).iaNa());
        assertEquals(
                reply.iaNa(), dhcp(message(Dhcpv6MessageType.REBIND, offered)).iaNa());
        assertStatus(Dhcpv6Status.SUCCESS, message(Dhcpv6MessageType.CONFIRM, offered));
        ping(guest, offered.leases().getFirst().address(), GATEWAY, 7, new byte[0]);
        assertStatus(
                Dhcpv6Status.SUCCESS,
                message(Dhcpv6MessageType.RELEASE, offered).serverId(SERVER));
    }

    @Test
    void leaseHasTheTimesOfAServer() throws IOException {
        Dhcpv6Ia ia = lease(guest);
        assertEquals(43_200, ia.t1());
        assertEquals(69_120, ia.t2());
        assertEquals(1, ia.leases().size());
        assertEquals(86_400, ia.leases().getFirst().preferred());
        assertEquals(172_800, ia.leases().getFirst().valid());
        assertNotEquals(
                ia.leases().getFirst().address(),
                lease(other).leases().getFirst().address());
    }

    @Test
    void leasedAddressIsOfTheGuestsPrefix() throws IOException {
        byte[] address = lease(guest).leases().getFirst().address().getAddress();
        assertArrayEquals(Arrays.copyOf(GATEWAY.getAddress(), 6), Arrays.copyOf(address, 6));
        if (isSlaac()) {
            byte[] own = advertisement(guest).prefixes().getFirst().prefix().getAddress();
            assertArrayEquals(Arrays.copyOf(own, 8), Arrays.copyOf(address, 8));
        }
    }

    @Test
    void addressOfAnotherLinkIsNotConfirmed() throws IOException {
        assertStatus(
                Dhcpv6Status.NOT_ON_LINK,
                message(Dhcpv6MessageType.CONFIRM, Dhcpv6Ia.ofAddresses(1, ip6("2001:db8:9::9"))));
    }

    @Test
    void prefixIsDelegatedAndKept() throws IOException {
        Dhcpv6Ia ia = leaseRapidly(guest, builder -> builder.iaPd(Dhcpv6Ia.of(1)))
                .iaPd()
                .getFirst();
        Dhcpv6Lease prefix = ia.leases().getFirst();
        assertEquals(56, prefix.prefixLength());
        assertEquals(
                ia,
                leaseRapidly(guest, builder -> builder.iaPd(Dhcpv6Ia.of(1)))
                        .iaPd()
                        .getFirst());
        assertNotEquals(
                prefix.address(),
                leaseRapidly(other, builder -> builder.iaPd(Dhcpv6Ia.of(1)))
                        .iaPd()
                        .getFirst()
                        .leases()
                        .getFirst()
                        .address());
    }

    @Test
    void informationIsGivenToAnonymousGuestsToo() throws IOException {
        Dhcpv6Response information = dhcp(Dhcpv6Builder.of(Dhcpv6MessageType.INFORMATION_REQUEST, guest.mac)
                .optionRequest(23, 24, NTP));
        assertEquals(Dhcpv6MessageType.REPLY, information.msgType());
        assertEquals(Optional.empty(), information.clientDuid());
        assertEquals(List.of(ip6("2001:db8::53")), information.dnsServers());
        assertEquals(List.of("example.com"), information.searchList());
        assertEquals(List.of(ip6("2001:db8::123")), information.ntpServers());
    }

    @Test
    void requestToAnotherServerIsNotAnswered() throws IOException {
        guest.send(Packets.createDhcpv6Request(guest.mac, duid(guest), duid(other), Dhcpv6Ia.of(1)));
        lease(guest); // the address service answers in order: an answer to the first would have come before
    }

    @Test
    void lastHopIsReported() throws IOException {
        Inet6Address one = lease(guest).leases().getFirst().address();
        Inet6Address two = lease(other).leases().getFirst().address();
        byte[] datagram = Packets.createUdp(guest.mac, GATEWAY_MAC, one, two, 1, 33434, new byte[32], 1);
        guest.send(datagram);
        IcmpError error = await(guest, Packets::parseIcmpv6Error);
        assertEquals(3, error.type());
        assertEquals(0, error.code());
        assertEquals(Octets.of(Arrays.copyOfRange(datagram, 26, datagram.length)), error.quote());
    }

    private boolean isSlaac() {
        return addressing == Ipv6Addressing.SLAAC;
    }

    private static RaResponse advertisement(TestGuest guest) throws IOException {
        guest.send(Packets.createRouterSolicitation(guest.mac, linkLocal(guest)));
        return await(guest, Packets::parseRouterAdvertisement);
    }

    private NaResponse neighbor(byte[] solicitation) throws IOException {
        guest.send(solicitation);
        return await(guest, Packets::parseNeighborAdvertisement);
    }

    /** Frames are answered in order, so the echo's answer would come after it; of advertisements some come unasked. */
    private void expectNothing(byte[] packet) throws IOException {
        guest.send(packet);
        guest.send(
                Packets.createIcmpv6EchoRequest(guest.mac, GATEWAY_MAC, linkLocal(guest), GATEWAY_IPV6_LINK_LOCAL, 9));
        byte[] next = guest.receiveUnlessAdvertised();
        assertTrue(Packets.parseIcmpv6EchoReply(next).isPresent(), "something was answered");
    }

    private Dhcpv6Builder message(Dhcpv6MessageType type, Dhcpv6Ia ia) {
        return Dhcpv6Builder.of(type, guest.mac).clientId(duid(guest)).iaNa(ia);
    }

    private Dhcpv6Response dhcp(Dhcpv6Builder builder) throws IOException {
        return dhcp(builder.frame());
    }

    private Dhcpv6Response dhcp(byte[] message) throws IOException {
        guest.send(message);
        return await(guest, Packets::parseDhcpv6Response);
    }

    private void assertStatus(int code, Dhcpv6Builder builder) throws IOException {
        assertEquals(Optional.of(code), dhcp(builder).status().map(Dhcpv6Status::code));
    }

    private static byte[] answer(TestGuest guest, byte[] question, Function<byte[], ? extends Optional<?>> parser)
            throws IOException {
        guest.send(question);
        return awaitFrame(guest, parser);
    }
}
