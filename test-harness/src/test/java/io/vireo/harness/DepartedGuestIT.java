package io.vireo.harness;

import static io.vireo.harness.TestGuest.BUFFER_SIZE;
import static io.vireo.harness.TestGuest.GATEWAY_MAC;
import static io.vireo.harness.TestGuest.TTL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.harness.packets.Dhcpv6Builder;
import io.vireo.harness.packets.Dhcpv6Ia;
import io.vireo.harness.packets.Dhcpv6MessageType;
import io.vireo.harness.packets.Dhcpv6Response;
import io.vireo.harness.packets.Dhcpv6Status;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.Packets;
import io.vireo.harness.packets.UdpDatagram;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Delegation;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.dataplane.Counter;
import java.io.IOException;
import java.net.Inet6Address;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A guest's routes vanish with it: what is sent to who has left, or has given its addresses back, reaches nobody. */
@Timeout(60)
class DepartedGuestIT {
    private static final byte[] PAYLOAD = TestGuest.payload(32, 1);

    private TestRouter router;
    private TestGuest vm1;

    @BeforeEach
    void start() throws IOException {
        Ipv6Network network = new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), Ipv6Addressing.DHCPV6)
                .withDelegation(new Delegation(Ipv6Prefix.parse("2001:db8:8000::/36"), 56));
        router = TestRouter.start(Addressing.ROUTED, network, 3);
        vm1 = TestGuest.attach(router, 1);
    }

    @AfterEach
    void stop() throws IOException {
        vm1.close();
        router.close();
    }

    @Test
    void framesForAGuestThatHasLeftReachNobodyAndItsReturnIsEnough() throws IOException {
        try (TestGuest vm3 = TestGuest.attach(router, 3)) {
            TestGuest gone = TestGuest.attach(router, 2);
            // which else comes when nobody is there, and is counted
            GuestIpv6.await(gone, Packets::parseRouterAdvertisement);
            gone.close();
            // that somebody can connect shows that the session before has ended
            try (HalfwayFrontend next = HalfwayFrontend.advance(router.socket(2), HalfwayFrontend.Step.CONNECTED)) {
                for (int i = 0; i < 10; i++) {
                    vm1.send(vm1.datagramTo(gone, PAYLOAD));
                }
                vm1.send(vm1.datagramTo(vm3, PAYLOAD));
                assertNext(vm3);
                assertEquals(10, router.counter(2, Counter.RX_DROP_NOT_READY));
            }
            try (TestGuest vm2 = TestGuest.attach(router, 2)) {
                vm1.send(vm1.datagramTo(vm2, PAYLOAD));
                assertNext(vm2);
            }
        }
    }

    @Test
    void whatWaitedForAGuestIsNotGivenToItsSuccessor() throws IOException {
        TestGuest gone = TestGuest.attach(router, 2, FrontendOptions.DEFAULT, 0, BUFFER_SIZE);
        for (int i = 0; i < 10; i++) {
            vm1.send(vm1.datagramTo(gone, TestGuest.payload(100, i)));
        }
        vm1.flush();
        gone.close();
        try (TestGuest vm2 = TestGuest.attach(router, 2)) {
            vm1.send(vm1.datagramTo(vm2, PAYLOAD));
            assertNext(vm2);
            long lost = router.counter(2, Counter.RX_DROP_RESET); // with them the advertisement of its attachment
            assertTrue(lost >= 10, lost + " frames did not wait any longer");
        }
    }

    @Test
    void addressThatWasReleasedLeadsNowhere() throws IOException {
        try (TestGuest vm2 = TestGuest.attach(router, 2)) {
            Inet6Address one = GuestIpv6.leaseAddress(vm1);
            Dhcpv6Ia lease = GuestIpv6.lease(vm2);
            Inet6Address two = lease.leases().getFirst().address();
            send(one, two);
            assertNext(vm2);
            release(vm2, builder -> builder.iaNa(lease));
            send(one, two);
            GuestIpv6.expectUnreachable(vm1, GuestIpv6.ADDRESS_UNREACHABLE);
            assertEquals(two, GuestIpv6.leaseAddress(vm2), "what it had is kept for it");
            send(one, two);
            assertNext(vm2);
        }
    }

    @Test
    void prefixThatWasReleasedLeadsNowhere() throws IOException {
        try (TestGuest vm2 = TestGuest.attach(router, 2)) {
            Inet6Address one = GuestIpv6.leaseAddress(vm1);
            Dhcpv6Ia prefix = GuestIpv6.leaseRapidly(vm2, builder -> builder.iaPd(Dhcpv6Ia.of(1)))
                    .iaPd()
                    .getFirst();
            byte[] inside = prefix.leases().getFirst().address().getAddress();
            inside[15] = 0x77;
            Inet6Address behind = (Inet6Address) Inet6Address.getByAddress(inside);
            send(one, behind);
            assertNext(vm2);
            release(vm2, builder -> builder.iaPd(prefix));
            send(one, behind);
            GuestIpv6.expectUnreachable(vm1, GuestIpv6.NO_ROUTE);
        }
    }

    private void send(Inet6Address from, Inet6Address to) throws IOException {
        vm1.send(Packets.createUdp(vm1.mac, GATEWAY_MAC, from, to, 40_001, 7, PAYLOAD, TTL));
    }

    private static void assertNext(TestGuest guest) throws IOException {
        UdpDatagram datagram = Packets.parseUdp(guest.receiveUnlessAdvertised()).orElseThrow();
        assertEquals(Octets.of(PAYLOAD), datagram.payload());
        assertEquals(TTL - 1, datagram.hopLimit());
    }

    private static void release(TestGuest guest, UnaryOperator<Dhcpv6Builder> associations) throws IOException {
        Dhcpv6Builder release = Dhcpv6Builder.of(Dhcpv6MessageType.RELEASE, guest.mac)
                .clientId(GuestIpv6.duid(guest))
                .serverId(Packets.generateDuidLl(GATEWAY_MAC));
        guest.send(associations.apply(release).frame());
        Dhcpv6Response reply = GuestIpv6.await(guest, Packets::parseDhcpv6Response);
        assertEquals(Optional.of(Dhcpv6Status.SUCCESS), reply.status().map(Dhcpv6Status::code));
    }
}
