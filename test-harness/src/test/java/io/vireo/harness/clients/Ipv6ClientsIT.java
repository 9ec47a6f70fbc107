package io.vireo.harness.clients;

import static io.vireo.harness.clients.ClientGuest.BRIDGE;
import static io.vireo.harness.clients.ClientGuest.CARD;
import static io.vireo.harness.clients.ClientGuest.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.CapturedLog;
import io.vireo.harness.TestRouter;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The host's kernel and every Linux client find their addresses, their router and each other over IPv6. */
@Timeout(120)
class Ipv6ClientsIT {
    private static final String GATEWAY = "2001:db8:1::1";
    private static final String INNER = "lan0";
    private static final int DAY = 86_400;
    private static final Ipv6Prefix PREFIX = Ipv6Prefix.parse("2001:db8:1::/48");

    private static TestRouter start(Ipv6Addressing addressing) throws IOException {
        return TestRouter.start(Addressing.SUBNET, new Ipv6Network(PREFIX, addressing), 2);
    }

    @Test
    void kernelsMakeThemselvesAddressesAndReachEachOther() throws Exception {
        try (TestRouter router = start(Ipv6Addressing.SLAAC);
                ClientGuest vm1 = ClientGuest.boot(router, 1);
                ClientGuest vm2 = ClientGuest.boot(router, 2)) {
            vm1.run("ip link set eth0 up");
            vm2.run("ip link set eth0 up");
            String one = address(vm1, 64);
            String two = address(vm2, 64);
            vm1.untilDefaultRoute6(CARD);
            vm1.ping6("fe80::1%eth0");
            vm1.ping6(GATEWAY);
            vm1.ping6(two);
            vm2.ping6(one);
        }
    }

    @ParameterizedTest
    @EnumSource(Dhcp6Client.class)
    void leasesAnAddressAndGivesItBack(Dhcp6Client client) throws Exception {
        try (TestRouter router = start(Ipv6Addressing.DHCPV6);
                ClientGuest vm1 = ClientGuest.boot(router, 1);
                ClientGuest vm2 = ClientGuest.boot(router, 2)) {
            vm2.run(Dhcp6Client.DHCLIENT.start(CARD));
            vm1.run(client.start(CARD));
            vm1.wire6.await("SOLICIT", SOON);
            vm1.wire6.await("REPLY", SOON);
            String one = address(vm1, 128);
            String two = address(vm2, 128);
            vm1.untilDefaultRoute6(CARD);
            vm1.ping6(GATEWAY);
            vm1.ping6(two);
            vm2.ping6(one);
            if (client != Dhcp6Client.NETWORKD) { // which gives nothing back over IPv6 (version 252)
                vm1.run(client.release(CARD));
                vm1.wire6.await("RELEASE", SOON);
                vm1.wire6.await("REPLY", SOON);
            }
        }
    }

    /** The first address of the prefix is the guest's own, and is reached from elsewhere. */
    @ParameterizedTest
    @EnumSource(Dhcp6Client.class)
    void leasesAPrefixForALinkOfItsOwn(Dhcp6Client client) throws Exception {
        try (TestRouter router = TestRouter.startPooled(DAY, 2);
                ClientGuest vm1 = ClientGuest.boot(router, 1);
                ClientGuest vm2 = ClientGuest.boot(router, 2)) {
            vm1.addLink(INNER);
            vm1.run(client.startRouter(CARD, INNER));
            assertEquals(
                    Set.of("2001:db8:1::1000", "2001:db8:2::/56"),
                    vm1.wire6.await("REPLY", SOON).resources());
            assertEquals("2001:db8:2::1/64", vm1.globalAddress6(INNER));
            assertEquals("2001:db8:1::1000", address(vm1, 128));
            vm1.untilDefaultRoute6(CARD);
            vm2.run(Dhcp6Client.DHCLIENT.start(CARD));
            address(vm2, 128);
            vm2.untilDefaultRoute6(CARD);
            vm2.ping6("2001:db8:2::1");
            if (client != Dhcp6Client.NETWORKD) {
                vm1.run(client.release(CARD));
                vm1.wire6.await("RELEASE", SOON);
                vm1.wire6.await("REPLY", SOON);
                assertEquals(List.of("2001:db8:1::1001"), leased(router));
            }
        }
    }

    private static List<String> leased(TestRouter router) {
        return router.router().leases().stream()
                .map(lease -> lease.resource().toString())
                .toList();
    }

    /** Vireo lets the address rest, and has another one for the client. */
    @Test
    void declinesAnAddressThatIsInUse() throws Exception {
        try (CapturedLog log = new CapturedLog("io.vireo.vhostuser.backend");
                TestRouter router = TestRouter.startPooled(DAY, 1);
                ClientGuest vm1 = ClientGuest.boot(router, 1)) {
            vm1.bridgeToStation("2001:db8:1::1000/64");
            // Kernels remove an address of limited lifetime that is in use. Exit status 3: dhclient-script(8) of ISC's
            // own.
            vm1.run("""
                    cat >/etc/dhcp/dhclient-exit-hooks.d/duplicate <<'END'
                    if [ "$reason" = BOUND6 ]; then
                        show="ip -6 -o address show dev $interface to $new_ip6_address"
                        while $show tentative | grep -q .; do sleep 0.05; done
                        $show | grep -q . || exit 3
                    fi
                    END
                    """);
            vm1.run(Dhcp6Client.DHCLIENT.start(BRIDGE));
            assertEquals(
                    Set.of("2001:db8:1::1000"), vm1.wire6.await("DECLINE", SOON).resources());
            vm1.wire6.await("SOLICIT", SOON);
            assertEquals(
                    Set.of("2001:db8:1::1001"), vm1.wire6.await("REPLY", SOON).resources());
            assertEquals("2001:db8:1::1001/128", vm1.globalAddress6(BRIDGE));
            assertEquals(
                    List.of("vm1: the guest says that 2001:db8:1::1000 is in use by another station"),
                    log.linesWith("in use"));
            assertEquals(List.of("2001:db8:1::1001"), leased(router));
            vm1.untilDefaultRoute6(BRIDGE);
            vm1.ping6(GATEWAY);
        }
    }

    /** With SLAAC, what DHCPv6 is asked for is the rest alone; dhclient asks for an address all the same, and gets one. */
    @ParameterizedTest
    @EnumSource(
            value = Dhcp6Client.class,
            names = {"DHCPCD", "NETWORKD"})
    void makesItselfAnAddressAndAsksForTheRest(Dhcp6Client client) throws Exception {
        try (TestRouter router = start(Ipv6Addressing.SLAAC);
                ClientGuest vm1 = ClientGuest.boot(router, 1)) {
            vm1.run(client.start(CARD));
            address(vm1, 64);
            vm1.untilDefaultRoute6(CARD);
            vm1.wire6.await("INFORMATION-REQUEST", SOON);
            vm1.wire6.await("REPLY", SOON);
            vm1.ping6(GATEWAY);
            if (client == Dhcp6Client.DHCPCD) { // the other one leaves resolv.conf to others
                vm1.until("grep -qx 'nameserver 2001:db8::53' /etc/resolv.conf");
                vm1.until("grep -q '^search.*example.com' /etc/resolv.conf");
            }
        }
    }

    @Test
    void rdisc6PrintsWhatWasConfigured() throws Exception {
        try (TestRouter router = start(Ipv6Addressing.SLAAC);
                ClientGuest vm1 = ClientGuest.boot(router, 1)) {
            vm1.run("ip link set eth0 up");
            String own = address(vm1, 64);
            String report = vm1.run("rdisc6 -1 eth0").replaceAll(" +", " ");
            for (String line : new String[] {
                "Stateful address conf. : No",
                "Stateful other conf. : Yes",
                "Router lifetime : 1800 (0x00000708) seconds",
                " Autonomous address conf.: Yes",
                " MTU : 1500 bytes (valid)",
                " Source link-layer address: 02:00:00:00:00:01",
                " Recursive DNS server : 2001:db8::53",
                " DNS search list : example.com",
                " from fe80::1"
            }) {
                assertTrue(report.contains("\n" + line), line + " is not in:\n" + report);
            }
            String prefix = report.replaceAll("(?s).*\n Prefix : (\\S+)/64\n.*", "$1");
            assertTrue(Ipv6Prefix.parse(prefix + "/64").contains(Ipv6Address.parse(own)), report);
        }
    }

    @Test
    void ndisc6FindsTheGateway() throws Exception {
        try (TestRouter router = start(Ipv6Addressing.SLAAC);
                ClientGuest vm1 = ClientGuest.boot(router, 1)) {
            vm1.run("ip link set eth0 up");
            address(vm1, 64);
            for (String target : new String[] {"fe80::1", GATEWAY}) {
                assertEquals(
                        "02:00:00:00:00:01",
                        vm1.run("ndisc6 -q -1 " + target + " eth0").strip().toLowerCase(Locale.ROOT));
            }
        }
    }

    /** @return the guest's own address, which is in the network's prefix and has this prefix length */
    private static String address(ClientGuest guest, int length) throws IOException {
        String address = guest.globalAddress6(CARD);
        assertTrue(address.endsWith("/" + length), address);
        String plain = address.substring(0, address.indexOf('/'));
        assertTrue(PREFIX.contains(Ipv6Address.parse(plain)), address);
        return plain;
    }
}
