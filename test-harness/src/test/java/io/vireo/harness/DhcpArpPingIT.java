package io.vireo.harness;

import static io.vireo.harness.TestGuest.GATEWAY;
import static io.vireo.harness.TestGuest.GATEWAY_MAC;
import static io.vireo.harness.TestGuest.LINK_LOCAL_GATEWAY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.packets.ArpReply;
import io.vireo.harness.packets.ClasslessRoute;
import io.vireo.harness.packets.DhcpEnvelope;
import io.vireo.harness.packets.DhcpMessageType;
import io.vireo.harness.packets.DhcpOptions;
import io.vireo.harness.packets.DhcpResponse;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import io.vireo.router.config.Addressing;
import io.vireo.router.dataplane.Counter;
import java.io.IOException;
import java.net.Inet4Address;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a guest does first: it leases its address, looks for its gateway and pings it; in both kinds of addressing. */
@ParameterizedClass
@EnumSource(Addressing.class)
@Timeout(60)
class DhcpArpPingIT {
    private static final int DHCP_MESSAGE = 12 + 14 + 20 + 8; // after the headers of virtio-net, Ethernet, IPv4, UDP
    private static final int DHCP_OPTIONS = DHCP_MESSAGE + 240;
    private static final int XID = 0x3903_F326;
    private static final Inet4Address UNSPECIFIED = Packets.ip("0.0.0.0");
    private static final Inet4Address OTHER = Packets.ip("10.0.0.6");
    private static final Inet4Address NOBODY = Packets.ip("10.0.0.77");

    private final Addressing addressing;
    private TestRouter router;
    private TestGuest guest;

    DhcpArpPingIT(Addressing addressing) {
        this.addressing = addressing;
    }

    @BeforeEach
    void attach() throws IOException {
        router = TestRouter.start(addressing, 2);
        guest = TestGuest.attach(router, 1);
    }

    @AfterEach
    void detach() throws IOException {
        guest.close();
        router.close();
    }

    @Test
    void theWholeFlow() throws IOException {
        DhcpResponse lease = guest.lease();
        Inet4Address gateway = lease.router().orElseThrow();
        assertAnsweredFor(gateway);
        guest.ping(gateway, TestGuest.payload(56, 1));
    }

    @Test
    void offerAndAcknowledgementCarryExactlyTheGuestsConfiguration() throws IOException {
        Set<Integer> codes = new TreeSet<>(List.of(1, 3, 6, 26, 51, 53, 54, 58, 59));
        if (isRouted()) {
            codes.add(121);
        }
        byte[] offer = guest.exchange(Packets.createDhcpDiscover(guest.mac, XID));
        assertAnswer(DhcpMessageType.OFFER, codes, offer);

        byte[] ack = guest.exchange(Packets.createDhcpRequest(guest.mac, XID + 1, guest.ip, server()));
        assertAnswer(DhcpMessageType.ACK, codes, ack);
        assertEquals(guest.mac, destination(ack));
    }

    private void assertAnswer(DhcpMessageType type, Set<Integer> codes, byte[] packet) {
        DhcpResponse answer = Packets.parseDhcpResponse(packet).orElseThrow();
        assertEquals(expected(type, answer.envelope(), answer.options()), answer);
        assertEquals(codes, optionCodes(packet));
    }

    private DhcpResponse expected(DhcpMessageType type, DhcpEnvelope envelope, DhcpOptions options) {
        List<ClasslessRoute> routes = List.of(
                new ClasslessRoute(LINK_LOCAL_GATEWAY, 32, UNSPECIFIED),
                new ClasslessRoute(UNSPECIFIED, 0, LINK_LOCAL_GATEWAY));
        return new DhcpResponse(
                type,
                type == DhcpMessageType.OFFER ? XID : XID + 1,
                Packets.ip("10.0.0.5"),
                server(),
                Optional.of(Packets.ip(isRouted() ? "255.255.255.255" : "255.255.255.0")),
                Optional.of(server()),
                List.of(Packets.ip("1.1.1.1"), Packets.ip("8.8.8.8")),
                OptionalLong.of(86_400),
                OptionalInt.of(1500),
                OptionalLong.of(43_200),
                OptionalLong.of(75_600),
                isRouted() ? routes : List.of(),
                envelope,
                options);
    }

    @Test
    void aWrongAddressIsRefusedToAll() throws IOException {
        byte[] packet = guest.exchange(Packets.createDhcpRequest(guest.mac, XID, OTHER, server()));
        DhcpResponse nak = Packets.parseDhcpResponse(packet).orElseThrow();
        assertEquals(DhcpMessageType.NAK, nak.msgType());
        assertEquals(XID, nak.xid());
        assertEquals(UNSPECIFIED, nak.yourIp());
        assertEquals(Set.of(53, 54, 56), optionCodes(packet));
        assertEquals(Mac.BROADCAST, destination(packet));
        guest.lease();
    }

    @Test
    void aRequestToAnotherServerIsNotAnswered() throws IOException {
        guest.send(Packets.createDhcpRequest(guest.mac, XID, guest.ip, NOBODY));
        guest.lease(); // the address service answers in order: an answer to the first would have come before
    }

    @Test
    void bothGatewayAddressesAnswerArpAndEcho() throws IOException {
        for (Inet4Address gateway : List.of(GATEWAY, LINK_LOCAL_GATEWAY)) {
            assertAnsweredFor(gateway);
            guest.ping(gateway, TestGuest.payload(56, 1));
        }
        assertEquals(2, router.counter(1, Counter.ARP_ANSWERED));
        assertEquals(2, router.counter(1, Counter.ECHO_ANSWERED));
    }

    @Test
    void probesAnnouncementsAndQuestionsForTheOwnAddressAreNotAnswered() throws IOException {
        guest.sendExpectingNothing(Packets.createArpRequest(guest.mac, UNSPECIFIED, guest.ip));
        guest.sendExpectingNothing(Packets.createArpRequest(guest.mac, guest.ip, guest.ip));
        assertEquals(2, router.counter(1, Counter.TX_DROP_ARP_UNANSWERED));
    }

    @Test
    void theGatewayDefendsItsAddressAgainstAProbe() throws IOException {
        byte[] reply = guest.exchange(Packets.createArpRequest(guest.mac, UNSPECIFIED, GATEWAY));
        assertEquals(
                Optional.of(new ArpReply(GATEWAY_MAC, GATEWAY, guest.mac, UNSPECIFIED)), Packets.parseArpReply(reply));
    }

    @Test
    void theGatewayAnswersForOtherGuestsOnlyWhereTheySeemToBeOnTheLink() throws IOException {
        if (isRouted()) {
            guest.sendExpectingNothing(Packets.createArpRequest(guest.mac, guest.ip, OTHER));
            assertEquals(1, router.counter(1, Counter.TX_DROP_ARP_UNANSWERED));
        } else {
            assertAnsweredFor(OTHER);
        }
    }

    @Test
    void nobodyAnswersForAnAddressThatNobodyHas() throws IOException {
        guest.sendExpectingNothing(Packets.createArpRequest(guest.mac, guest.ip, NOBODY));
        assertEquals(1, router.counter(1, Counter.TX_DROP_ARP_UNANSWERED));
    }

    @Test
    void framesCutShortAreDroppedAndCounted() throws IOException {
        List<byte[]> whole = List.of(
                Packets.createArpRequest(guest.mac, guest.ip, GATEWAY),
                guest.echoRequest(GATEWAY, 1, TestGuest.payload(56, 1)),
                Packets.createDhcpDiscover(guest.mac, XID));
        int sent = 0;
        for (byte[] packet : whole) {
            for (int length = 1; length < packet.length; length++) {
                guest.sendExpectingNothing(Arrays.copyOf(packet, length));
                sent++;
            }
        }
        assertEquals(sent, router.drops(1));
        assertEquals(
                sent,
                router.counter(1, Counter.TX_DROP_TRUNCATED)
                        + router.counter(1, Counter.TX_DROP_ARP_MALFORMED)
                        + router.counter(1, Counter.TX_DROP_IPV4_MALFORMED));
        guest.lease();
    }

    @Test
    void dhcpMessagesCutShortAreNotAnsweredAndDoNoHarm() throws IOException {
        byte[] packet = Packets.createDhcpDiscover(guest.mac, XID);
        int end = packet.length;
        while (packet[end - 1] == 0) { // beyond the end option is padding, which nobody misses
            end--;
        }
        for (int cut = DHCP_MESSAGE; cut < end; cut++) {
            guest.send(broadcastDhcp(Arrays.copyOfRange(packet, DHCP_MESSAGE, cut)));
            guest.discover(); // has a transaction of its own, and is answered after the other
        }
        guest.lease();
        assertEquals(0, router.drops(1));
        assertEquals(router.counter(1, Counter.TX_FRAMES), router.counter(1, Counter.PUNTED));
    }

    private byte[] broadcastDhcp(byte[] message) {
        Inet4Address broadcast = Packets.ip("255.255.255.255");
        return Packets.createUdp(guest.mac, Mac.BROADCAST, UNSPECIFIED, broadcast, 68, 67, message, TestGuest.TTL);
    }

    private void assertAnsweredFor(Inet4Address address) throws IOException {
        byte[] reply = guest.exchange(Packets.createArpRequest(guest.mac, guest.ip, address));
        assertEquals(
                Optional.of(new ArpReply(GATEWAY_MAC, address, guest.mac, guest.ip)), Packets.parseArpReply(reply));
        assertEquals(guest.mac, destination(reply));
    }

    private boolean isRouted() {
        return addressing == Addressing.ROUTED;
    }

    private Inet4Address server() {
        return isRouted() ? LINK_LOCAL_GATEWAY : GATEWAY;
    }

    private static Mac destination(byte[] packet) {
        return Mac.of(Arrays.copyOf(TestGuest.frame(packet), 6));
    }

    private static Set<Integer> optionCodes(byte[] packet) {
        Set<Integer> codes = new TreeSet<>();
        int at = DHCP_OPTIONS;
        while ((packet[at] & 0xFF) != 255) {
            int code = packet[at] & 0xFF;
            if (code == 0) {
                at++;
                continue;
            }
            assertTrue(codes.add(code), "option " + code + " twice");
            at += 2 + (packet[at + 1] & 0xFF);
        }
        return codes;
    }
}
