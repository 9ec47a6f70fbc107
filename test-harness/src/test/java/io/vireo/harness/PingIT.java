package io.vireo.harness;

import static io.vireo.harness.packets.Packets.GATEWAY_IPV4_LINK_LOCAL;
import static io.vireo.harness.packets.Packets.GATEWAY_IPV6_LINK_LOCAL;
import static io.vireo.harness.packets.Packets.GATEWAY_MAC;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.packets.Packets;
import io.vireo.harness.packets.RawPackets;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.dataplane.Counter;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The gateway answers echoes at each of its addresses; in both kinds of addressing. */
@ParameterizedClass
@EnumSource(Addressing.class)
@Timeout(60)
class PingIT {
    private static final int MTU = 1500;
    private static final int MAX_PAYLOAD = MTU - 20 - 8;
    private static final int MAX_PAYLOAD_IPV6 = MTU - 40 - 8;
    private static final int ECHO_REQUEST = 8;
    /** As many as the guest has receive buffers. */
    private static final int BURST = 16;

    private static final Inet4Address GATEWAY = TestGuest.GATEWAY;
    private static final Inet6Address GATEWAY_IPV6 = Packets.ip6("2001:db8:1::1");

    private final Addressing addressing;
    private TestRouter router;
    private TestGuest guest;

    PingIT(Addressing addressing) {
        this.addressing = addressing;
    }

    @BeforeEach
    void attach() throws IOException {
        Ipv6Network network = new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), Ipv6Addressing.DHCPV6);
        router = TestRouter.start(addressing, network, 1);
        guest = TestGuest.attach(router, 1);
        GuestIpv6.ping(guest, GuestIpv6.linkLocal(guest), GATEWAY_IPV6_LINK_LOCAL, 0, new byte[0]);
    }

    @AfterEach
    void detach() throws IOException {
        guest.close();
        router.close();
    }

    @Test
    void everyAddressOfTheGatewayAnswers() throws IOException {
        for (Inet4Address gateway : List.of(GATEWAY, GATEWAY_IPV4_LINK_LOCAL)) {
            guest.ping(gateway, TestGuest.payload(56, 1));
        }
        Inet6Address leased = GuestIpv6.leaseAddress(guest);
        for (Inet6Address gateway : List.of(GATEWAY_IPV6, GATEWAY_IPV6_LINK_LOCAL)) {
            for (Inet6Address own : List.of(leased, GuestIpv6.linkLocal(guest))) {
                assertEquals(64, GuestIpv6.ping(guest, own, gateway, 1, TestGuest.payload(56, 1)));
            }
        }
        assertEquals(1 + 2 + 4, router.counter(1, Counter.ECHO_ANSWERED));
    }

    @Test
    void echoesOfEveryLengthUpToTheMtuComeBackByteForByte() throws IOException {
        for (int length = 0; length <= MAX_PAYLOAD; length++) {
            guest.ping(GATEWAY, TestGuest.payload(length, length));
        }
        guest.sendExpectingNothing(guest.echoRequest(GATEWAY, 1, new byte[MAX_PAYLOAD + 1]));
        assertEquals(1, router.counter(1, Counter.TX_DROP_OVERSIZED));
    }

    @Test
    void soDoThoseOverIpv6() throws IOException {
        Inet6Address own = GuestIpv6.leaseAddress(guest);
        for (int length = 0; length <= MAX_PAYLOAD_IPV6; length++) {
            GuestIpv6.ping(guest, own, GATEWAY_IPV6, length, TestGuest.payload(length, length));
        }
        guest.send(GuestIpv6.echoRequest(guest, own, GATEWAY_IPV6, 1, new byte[MAX_PAYLOAD_IPV6 + 1]));
        GuestIpv6.ping(guest, own, GATEWAY_IPV6, 2, new byte[0]);
        assertEquals(1, router.counter(1, Counter.TX_DROP_OVERSIZED));
    }

    @Test
    void echoesSentAtOnceAreAnsweredInOrder() throws IOException {
        Inet6Address own = GuestIpv6.leaseAddress(guest);
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < BURST; i += 2) {
                guest.send(guest.echoRequest(GATEWAY, i, TestGuest.payload(56, i)));
                guest.send(GuestIpv6.echoRequest(guest, own, GATEWAY_IPV6, i, TestGuest.payload(56, i)));
            }
            for (int i = 0; i < BURST; i += 2) {
                guest.expectEcho(GATEWAY, i, TestGuest.payload(56, i));
                GuestIpv6.expectEcho(guest, GATEWAY_IPV6, i, TestGuest.payload(56, i));
            }
        }
    }

    /** The last hop is for the gateway to use up itself: only what goes on needs another. */
    @Test
    void echoesWithoutHopsLeftAreAnswered() throws IOException {
        byte[] last = RawPackets.createIcmp(
                guest.mac, GATEWAY_MAC, guest.ip, GATEWAY, 1, ECHO_REQUEST, 0, new byte[] {1, 2, 3, 4});
        assertEquals(
                3 << 8 | 4,
                Packets.parseIcmpEchoReply(guest.exchange(last)).orElseThrow().sequence());
        byte[] six = GuestIpv6.echoRequest(guest, GuestIpv6.linkLocal(guest), GATEWAY_IPV6_LINK_LOCAL, 5, new byte[8]);
        six[12 + 14 + 7] = 1;
        guest.send(six);
        GuestIpv6.expectEcho(guest, GATEWAY_IPV6_LINK_LOCAL, 5, new byte[8]);
    }

    @Test
    void echoesFromOthersAddressesAreNotAnswered() throws IOException {
        Inet4Address foreign = Packets.ip("10.0.0.77");
        guest.sendExpectingNothing(Packets.createIcmpEchoRequest(guest.mac, GATEWAY_MAC, foreign, GATEWAY, 1));
        assertEquals(1, router.counter(1, Counter.TX_DROP_SPOOFED_IPV4));
        guest.send(Packets.createIcmpv6EchoRequest(
                guest.mac, GATEWAY_MAC, Packets.ip6("2001:db8:1::77"), GATEWAY_IPV6, 1));
        GuestIpv6.ping(guest, GuestIpv6.linkLocal(guest), GATEWAY_IPV6_LINK_LOCAL, 2, new byte[0]);
        assertEquals(1, router.counter(1, Counter.TX_DROP_SPOOFED_IPV6));
    }
}
