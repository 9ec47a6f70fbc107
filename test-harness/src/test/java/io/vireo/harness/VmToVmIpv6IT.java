package io.vireo.harness;

import static io.vireo.harness.TestGuest.GATEWAY_MAC;
import static io.vireo.harness.TestGuest.TTL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.dataplane.Counter;
import java.io.IOException;
import java.net.Inet6Address;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What two guests send each other over IPv6: what arrives, how it is changed, and what never arrives. */
@Timeout(60)
class VmToVmIpv6IT {
    private static final int MAX_PAYLOAD = 1500 - 40 - 8;
    private static final Ipv6Network NETWORK =
            new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), Ipv6Addressing.DHCPV6);

    @ParameterizedTest
    @EnumSource
    void datagramsOfEveryLengthArriveAndHopsAreCountedWhereGuestsAreRouted(Addressing addressing) throws IOException {
        int hops = addressing == Addressing.ROUTED ? TTL - 1 : TTL;
        try (TestRouter router = TestRouter.start(addressing, NETWORK, 2);
                TestGuest vm1 = TestGuest.attach(router, 1);
                TestGuest vm2 = TestGuest.attach(router, 2)) {
            Inet6Address one = GuestIpv6.leaseAddress(vm1);
            Inet6Address two = GuestIpv6.leaseAddress(vm2);
            for (int length = 1; length <= MAX_PAYLOAD; length++) {
                byte[] payload = TestGuest.payload(length, length);
                vm1.send(datagram(vm1.mac, GATEWAY_MAC, one, two, payload, TTL));
                assertNext(vm2, datagram(GATEWAY_MAC, vm2.mac, one, two, payload, hops));
                vm2.send(datagram(vm2.mac, GATEWAY_MAC, two, one, payload, TTL));
                assertNext(vm1, datagram(GATEWAY_MAC, vm1.mac, two, one, payload, hops));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void networksAreIsolatedEvenWhereTheirAddressesAreTheSame(Addressing addressing) throws IOException {
        int hops = addressing == Addressing.ROUTED ? TTL - 1 : TTL;
        try (TestRouter router = TestRouter.startTwins(addressing, NETWORK, 2);
                TestGuest red1 = TestGuest.attach(router, 1);
                TestGuest red2 = TestGuest.attach(router, 2);
                TestGuest blue1 = TestGuest.attach(router, 3);
                TestGuest blue2 = TestGuest.attach(router, 4)) {
            Inet6Address one = GuestIpv6.leaseAddress(red1);
            assertEquals(one, GuestIpv6.leaseAddress(blue1));
            Inet6Address two = GuestIpv6.leaseAddress(blue2);

            byte[] payload = TestGuest.payload(32, 1);
            byte[] sent = datagram(red1.mac, GATEWAY_MAC, one, two, payload, TTL);
            red1.send(sent);
            GuestIpv6.expectUnreachable(red1, GuestIpv6.ADDRESS_UNREACHABLE);
            assertEquals(1, router.counter(1, Counter.TX_DROP_NO_ROUTE));
            blue1.send(datagram(blue1.mac, GATEWAY_MAC, one, two, payload, TTL));
            assertNext(blue2, datagram(GATEWAY_MAC, blue2.mac, one, two, payload, hops));

            assertEquals(two, GuestIpv6.leaseAddress(red2));
            red1.send(sent);
            assertNext(red2, datagram(GATEWAY_MAC, red2.mac, one, two, payload, hops));
        }
    }

    @Test
    void multicastDoesNotPassBetweenGuests() throws IOException {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, NETWORK, 2);
                TestGuest vm1 = TestGuest.attach(router, 1);
                TestGuest vm2 = TestGuest.attach(router, 2)) {
            Inet6Address one = GuestIpv6.leaseAddress(vm1);
            Inet6Address two = GuestIpv6.leaseAddress(vm2);
            byte[] payload = TestGuest.payload(32, 1);
            List<Inet6Address> groups = List.of(
                    Packets.ALL_NODES, Packets.solicitedNode(two), Packets.ip6("ff05::fb"), Packets.ip6("ff0e::1"));
            for (Inet6Address group : groups) {
                for (Mac to : List.of(Mac.multicast(group), Mac.BROADCAST, GATEWAY_MAC)) {
                    vm1.send(datagram(vm1.mac, to, one, group, payload, TTL));
                }
            }
            for (Mac to : List.of(Mac.multicast(two), Mac.BROADCAST)) {
                vm1.send(datagram(vm1.mac, to, one, two, payload, TTL));
            }
            vm1.send(datagram(vm1.mac, GATEWAY_MAC, one, two, payload, TTL));
            assertNext(vm2, datagram(GATEWAY_MAC, vm2.mac, one, two, payload, TTL));
            assertEquals(14, router.drops(1));
        }
    }

    private static void assertNext(TestGuest guest, byte[] expected) throws IOException {
        byte[] received = guest.receiveUnlessAdvertised();
        assertArrayEquals(TestGuest.frame(expected), TestGuest.frame(received));
    }

    private static byte[] datagram(Mac from, Mac to, Inet6Address src, Inet6Address dst, byte[] payload, int hopLimit) {
        return Packets.createUdp(from, to, src, dst, 40_001, 7, payload, hopLimit);
    }
}
