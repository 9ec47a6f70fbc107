package io.vireo.harness;

import static io.vireo.harness.TestGuest.GATEWAY_MAC;
import static io.vireo.harness.TestGuest.TTL;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.packets.IcmpEchoReply;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import java.io.IOException;
import java.net.Inet6Address;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two guests ping each other by way of the gateway, over IPv4 and IPv6, in each kind of addressing. */
@ParameterizedClass
@MethodSource("addressings")
@Timeout(60)
class VmToVmPingIT {
    private static final int ECHOES = 100;

    private final Addressing addressing;
    private final Ipv6Addressing ipv6;
    /** Hops left after one of them. */
    private final int hops;

    private TestRouter router;
    private TestGuest vm1;
    private TestGuest vm2;
    private Inet6Address one;
    private Inet6Address two;

    VmToVmPingIT(Addressing addressing, Ipv6Addressing ipv6) {
        this.addressing = addressing;
        this.ipv6 = ipv6;
        hops = addressing == Addressing.ROUTED ? TTL - 1 : TTL;
    }

    static Stream<Arguments> addressings() {
        return Stream.of(Addressing.values())
                .flatMap(addressing -> Stream.of(Ipv6Addressing.values()).map(ipv6 -> Arguments.of(addressing, ipv6)));
    }

    @BeforeEach
    void attach() throws IOException {
        router = TestRouter.start(addressing, new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), ipv6), 2);
        vm1 = TestGuest.attach(router, 1);
        vm2 = TestGuest.attach(router, 2);
        one = GuestIpv6.leaseAddress(vm1);
        two = GuestIpv6.leaseAddress(vm2);
    }

    @AfterEach
    void detach() throws IOException {
        vm1.close();
        vm2.close();
        router.close();
    }

    @Test
    void echoesAndTheirAnswersArriveByteForByte() throws IOException {
        for (int sequence = 1; sequence <= ECHOES; sequence++) {
            byte[] payload = TestGuest.payload(sequence * 14, sequence);
            vm1.send(vm1.echoRequest(vm2.ip, sequence, payload));
            byte[] request = vm2.receiveUnlessAdvertised();
            assertEquals(GATEWAY_MAC, Packets.sourceMac(request));
            vm2.send(Packets.createIcmpEchoReply(request).orElseThrow());
            vm1.expectEcho(vm2.ip, sequence, payload);
        }
    }

    @Test
    void soDoThoseOverIpv6() throws IOException {
        for (int sequence = 1; sequence <= ECHOES; sequence++) {
            byte[] payload = TestGuest.payload(sequence * 14, sequence);
            vm1.send(GuestIpv6.echoRequest(vm1, one, two, sequence, payload));
            byte[] request = GuestIpv6.awaitFrame(vm2, Packets::createIcmpv6EchoReply);
            assertEquals(GATEWAY_MAC, Packets.sourceMac(request));
            vm2.send(Packets.createIcmpv6EchoReply(request).orElseThrow());
            assertEquals(hops, GuestIpv6.expectEcho(vm1, two, sequence, payload));
        }
    }

    /** 64 becomes 63 where there is a router in between, in each direction, and stays 64 where there seems to be none. */
    @Test
    void hopsFallByOneWhereGuestsAreRouted() throws IOException {
        vm1.send(vm1.echoRequest(vm2.ip, 1, new byte[8]));
        byte[] request = vm2.receiveUnlessAdvertised();
        assertEquals(hops, request[12 + 14 + 8]);
        vm2.send(Packets.createIcmpEchoReply(request).orElseThrow());
        IcmpEchoReply reply = GuestIpv6.await(vm1, Packets::parseIcmpEchoReply);
        assertEquals(hops, reply.ttl());

        vm1.send(GuestIpv6.echoRequest(vm1, one, two, 1, new byte[8]));
        byte[] six = GuestIpv6.awaitFrame(vm2, Packets::createIcmpv6EchoReply);
        assertEquals(hops, six[12 + 14 + 7]);
    }

    @Test
    void bothMayAskAtOnce() throws IOException {
        for (int sequence = 1; sequence <= ECHOES; sequence++) {
            vm1.send(vm1.echoRequest(vm2.ip, sequence, new byte[56]));
            vm2.send(vm2.echoRequest(vm1.ip, sequence, new byte[56]));
            vm1.send(Packets.createIcmpEchoReply(vm1.receiveUnlessAdvertised()).orElseThrow());
            vm2.send(Packets.createIcmpEchoReply(vm2.receiveUnlessAdvertised()).orElseThrow());
            vm1.expectEcho(vm2.ip, sequence, new byte[56]);
            vm2.expectEcho(vm1.ip, sequence, new byte[56]);
        }
    }
}
