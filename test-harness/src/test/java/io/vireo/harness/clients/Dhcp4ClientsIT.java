package io.vireo.harness.clients;

import static io.vireo.harness.clients.ClientGuest.CARD;
import static io.vireo.harness.clients.ClientGuest.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.TestRouter;
import io.vireo.router.config.Addressing;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every Linux client leases, finds its way, and gives its address back. */
@Timeout(120)
class Dhcp4ClientsIT {
    private static final String ADDRESS = "10.0.0.5";
    private static final String GATEWAY = "10.0.0.1";

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

    /**
     * The address is in use already: by a station behind a bridge of the guest's own, as there is nobody else on a guest's
     * link. The client declines; when the station is gone, it leases.
     */
    @ParameterizedTest
    @EnumSource(
            value = Dhcp4Client.class,
            names = {"DHCPCD", "UDHCPC"})
    void declinesAnAddressThatIsInUse(Dhcp4Client client) throws Exception {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 1);
                ClientGuest vm1 = ClientGuest.boot(router, 1)) {
            vm1.run("""
                    ip link add br0 type bridge
                    ip link set br0 address $(cat /sys/class/net/eth0/address)
                    ip link set eth0 master br0 up
                    unshare --net sleep 1000 >/dev/null 2>&1 &
                    station=$!
                    until [ "$(readlink /proc/$station/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
                    ip link add veth0 type veth peer name eth0 netns $station
                    nsenter -t $station -n sh -c 'ip address add %s/24 dev eth0 && ip link set eth0 up'
                    ip link set veth0 master br0 up
                    echo $station >/run/station
                    """.formatted(ADDRESS));
            // After a rapid commit, dhcpcd declines without a word on which address (version 9.4).
            vm1.run("sed -i /rapid_commit/d /etc/dhcpcd.conf");
            vm1.run(client.start("br0"));
            vm1.wire.await("ACK", SOON);
            DhcpSighting decline = vm1.wire.await("DECLINE", SOON);
            assertEquals(ADDRESS, decline.requested());
            vm1.run("kill $(cat /run/station)");
            vm1.wire.await("ACK", SOON);
            vm1.untilAddress("br0", ADDRESS + "/24");
            vm1.ping(GATEWAY);
        }
    }
}
