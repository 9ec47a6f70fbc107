package io.vireo.harness.clients;

import static io.vireo.harness.clients.ClientGuest.BRIDGE;
import static io.vireo.harness.clients.ClientGuest.CARD;
import static io.vireo.harness.clients.ClientGuest.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.CapturedLog;
import io.vireo.harness.TestRouter;
import io.vireo.router.config.Addressing;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every Linux client leases, finds its way, and gives its address back. */
@Timeout(120)
class Dhcp4ClientsIT {
    private static final String ADDRESS = "10.0.0.5";
    private static final String GATEWAY = "10.0.0.1";
    private static final int DAY = 86_400;

    @ParameterizedTest
    @EnumSource(Dhcp4Client.class)
    void leasesAndReleasesInASubnet(Dhcp4Client client) throws Exception {
        leasesAndReleases(client, Addressing.SUBNET, "/24", GATEWAY);
    }

    @ParameterizedTest
    @EnumSource(Dhcp4Client.class)
    void leasesAndReleasesWhereAllIsRouted(Dhcp4Client client) throws Exception {
        leasesAndReleases(client, Addressing.ROUTED, "/32", "169.254.0.1");
    }

    private static void leasesAndReleases(Dhcp4Client client, Addressing addressing, String length, String gateway)
            throws Exception {
        try (TestRouter router = TestRouter.start(addressing, 2);
                ClientGuest vm2 = ClientGuest.boot(router, 2);
                ClientGuest vm1 = ClientGuest.boot(router, 1)) {
            vm2.run(Dhcp4Client.UDHCPC.start(CARD));
            vm2.untilAddress(CARD, "10.0.0.6" + length);

            vm1.run(client.start(CARD));
            vm1.wire.await("DISCOVER", SOON);
            if (client != Dhcp4Client.DHCPCD) { // which asks for a rapid commit (RFC 4039)
                assertEquals(ADDRESS, vm1.wire.await("OFFER", SOON).your());
                assertEquals(ADDRESS, vm1.wire.await("REQUEST selecting", SOON).requested());
            }
            assertEquals(ADDRESS, vm1.wire.await("ACK", SOON).your());
            vm1.untilAddress(CARD, ADDRESS + length);
            vm1.until("ip -4 route show default | grep -F 'via %s dev %s'".formatted(gateway, CARD));
            assertTold(client, vm1);
            vm1.ping(gateway);
            vm1.ping("10.0.0.6");

            vm1.run(client.release(CARD));
            DhcpSighting release = vm1.wire.await("RELEASE", SOON);
            assertEquals(ADDRESS, release.client());
            assertEquals(gateway, release.destination());
            vm1.untilNoAddress(CARD);
            vm1.run(client.start(CARD));
            vm1.wire.await("DISCOVER", SOON);
            assertEquals(ADDRESS, vm1.wire.await("ACK", SOON).your());
            vm1.untilAddress(CARD, ADDRESS + length);
        }
    }

    private static void assertTold(Dhcp4Client client, ClientGuest guest) throws Exception {
        if (client == Dhcp4Client.NETWORKD) { // which leaves resolv.conf to others
            guest.until("grep -x 'DNS=1.1.1.1 8.8.8.8' /run/systemd/netif/leases/*");
        } else {
            guest.until(
                    "[ \"$(echo $(grep ^nameserver /etc/resolv.conf))\" = 'nameserver 1.1.1.1 nameserver 8.8.8.8' ]");
        }
    }

    /** They ask for what they had, without a DISCOVER first (RFC 2131, 3.2). */
    @ParameterizedTest
    @EnumSource(
            value = Dhcp4Client.class,
            names = {"DHCLIENT", "DHCPCD"})
    void aClientThatIsStartedAgainConfirmsItsLease(Dhcp4Client client) throws Exception {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 1);
                ClientGuest vm1 = ClientGuest.boot(router, 1)) {
            vm1.run(client.start(CARD));
            vm1.wire.await("ACK", SOON);
            vm1.untilAddress(CARD, ADDRESS + "/24");
            vm1.run(client.kill());
            vm1.run("ip address flush dev " + CARD);
            vm1.run(client.start(CARD));
            assertEquals(ADDRESS, vm1.wire.await("REQUEST init-reboot", SOON).requested());
            assertEquals(ADDRESS, vm1.wire.await("ACK", SOON).your());
            vm1.untilAddress(CARD, ADDRESS + "/24");
        }
    }

    /** What a client remembers of another network is not valid here: it is told so at once, and begins anew. */
    @ParameterizedTest
    @EnumSource(
            value = Dhcp4Client.class,
            names = {"DHCLIENT", "DHCPCD"})
    void aClientThatComesFromAnotherNetworkIsToldSo(Dhcp4Client client) throws Exception {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 2);
                ClientGuest vm1 = ClientGuest.boot(router, 1)) {
            vm1.run(client.start(CARD));
            vm1.wire.await("ACK", SOON);
            vm1.untilAddress(CARD, ADDRESS + "/24");
            vm1.run(client.kill());
            vm1.run(client.rememberAnotherAddress());
            vm1.run("ip address flush dev " + CARD);
            vm1.run(client.start(CARD));
            assertEquals(
                    "10.0.0.77", vm1.wire.await("REQUEST init-reboot", SOON).requested());
            vm1.wire.await("NAK", SOON);
            vm1.wire.await("DISCOVER", SOON);
            assertEquals(ADDRESS, vm1.wire.await("ACK", SOON).your());
            vm1.untilAddress(CARD, ADDRESS + "/24");
        }
    }

    /** Vireo lets the address rest, and has another one for the client and for whoever comes next. */
    @ParameterizedTest
    @EnumSource(
            value = Dhcp4Client.class,
            names = {"DHCLIENT", "DHCPCD", "UDHCPC"})
    void declinesAnAddressThatIsInUse(Dhcp4Client client) throws Exception {
        try (CapturedLog log = new CapturedLog("io.vireo.vhostuser.backend");
                TestRouter router = TestRouter.startPooled(DAY, 2);
                ClientGuest vm1 = ClientGuest.boot(router, 1);
                ClientGuest vm2 = ClientGuest.boot(router, 2)) {
            declines(client, vm1, "10.0.0.100");
            assertEquals("10.0.0.101", vm1.wire.await("ACK", SOON).your());
            assertEquals(
                    List.of("vm1: the guest says that 10.0.0.100 is in use by another station"),
                    log.linesWith("in use"));
            vm1.untilAddress(BRIDGE, "10.0.0.101/24");
            vm1.ping(GATEWAY);
            vm2.run(Dhcp4Client.UDHCPC.start(CARD));
            vm2.untilAddress(CARD, "10.0.0.102/24");
        }
    }

    /** An address that the configuration fixes for the client is its own again when the other station is gone. */
    @Test
    void declinesAnAddressOfItsOwnAsLongAsItIsInUse() throws Exception {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 1);
                ClientGuest vm1 = ClientGuest.boot(router, 1)) {
            declines(Dhcp4Client.UDHCPC, vm1, ADDRESS);
            vm1.endStation();
            vm1.untilAddress(BRIDGE, ADDRESS + "/24");
            vm1.ping(GATEWAY);
        }
    }

    private static void declines(Dhcp4Client client, ClientGuest guest, String address) throws Exception {
        guest.bridgeToStation(address + "/24");
        // After a rapid commit, dhcpcd declines without a word on which address (version 9.4).
        guest.run("sed -i /rapid_commit/d /etc/dhcpcd.conf");
        guest.run(client.probing(BRIDGE));
        guest.run(client.start(BRIDGE));
        assertEquals(address, guest.wire.await("ACK", SOON).your());
        assertEquals(address, guest.wire.await("DECLINE", SOON).requested());
    }

    /**
     * It sees the conflict, and sends its DECLINE from a UDP socket that is bound to the address which it is about; as the
     * address is not the machine's, the kernel finds no way for that.
     */
    @Test
    void systemdDoesNotUseAnAddressThatIsInUseButCannotDecline() throws Exception {
        try (TestRouter router = TestRouter.startPooled(DAY, 1);
                ClientGuest vm1 = ClientGuest.boot(router, 1)) {
            vm1.bridgeToStation("10.0.0.100/24");
            vm1.run(Dhcp4Client.NETWORKD.probing(BRIDGE));
            vm1.run(Dhcp4Client.NETWORKD.start(BRIDGE));
            assertEquals("10.0.0.100", vm1.wire.await("ACK", SOON).your());
            vm1.until("grep 'Failed to send DHCP DECLINE, ignoring: Network is unreachable' /run/networkd.log");
            vm1.untilNoAddress(BRIDGE);
        }
    }
}
