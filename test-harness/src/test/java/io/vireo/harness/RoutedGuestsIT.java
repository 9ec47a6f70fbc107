package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestConfig;
import io.vireo.harness.guests.GuestResult;
import io.vireo.harness.guests.UserModeLinux;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.dataplane.Counter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two real Linux kernels with a router in between, that lease the addresses of both families, and the second of which has the
 * smaller MTU.
 */
@Timeout(120)
class RoutedGuestsIT {
    private static final int MTU = 1500;
    private static final int SMALLER_MTU = 1400;
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Pattern HOP = Pattern.compile("^ *\\d+ +(\\S+)", Pattern.MULTILINE);

    /** What differs between the families. */
    enum Family {
        IPV4("10.0.0.5", "10.0.0.6", "10.0.0.99", "10.0.0.1", "169.254.0.1", 20, "Frag needed and DF set (mtu = 1400)"),
        IPV6(
                "2001:db8:1::1000",
                "2001:db8:1::1001",
                "2001:db8:1::99",
                "2001:db8:1::1",
                "fe80::1",
                40,
                "Packet too big: mtu=1400");

        private final String address1;
        private final String address2;
        private final String absent;
        private final String gateway;
        private final String nextHop;
        private final int header;
        private final String tooLong;

        Family(
                String address1,
                String address2,
                String absent,
                String gateway,
                String nextHop,
                int header,
                String tooLong) {
            this.address1 = address1;
            this.address2 = address2;
            this.absent = absent;
            this.gateway = gateway;
            this.nextHop = nextHop;
            this.header = header;
            this.tooLong = tooLong;
        }

        /** The option of ip(8), ping(8) and traceroute(8). */
        private String option() {
            return this == IPV4 ? "-4" : "-6";
        }
    }

    private static TestRouter router;
    private static Guest vm1;
    private static Guest vm2;

    @BeforeAll
    static void boot() throws Exception {
        Ipv6Network network = new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), Ipv6Addressing.DHCPV6);
        router = TestRouter.start(Addressing.ROUTED, network, new int[] {MTU, SMALLER_MTU});
        vm1 = boot("vm1", router.socket(1));
        vm2 = boot("vm2", router.socket(2));
        for (Guest guest : List.of(vm1, vm2)) {
            guest.lease();
        }
        assertEquals(Family.IPV6.address1, vm1.leaseIpv6());
        assertEquals(Family.IPV6.address2, vm2.leaseIpv6());
    }

    private static Guest boot(String name, Path socket) throws IOException {
        return UserModeLinux.start(GuestConfig.of(name)
                .withMemory(256)
                .withIperf3()
                .withDhclient()
                .withProgram("ip", "iproute2")
                .withProgram("ping", "iputils-ping")
                .withLink(socket));
    }

    @AfterAll
    static void shutDown() throws Exception {
        try (TestRouter last = router;
                Guest second = vm2;
                Guest first = vm1) {
            assertTrue(first.isAlive() && second.isAlive(), "a guest has died");
        }
    }

    @ParameterizedTest
    @EnumSource
    void guestsReachTheGatewayAndEachOther(Family family) throws Exception {
        Traffic.assertPings(vm1, family.gateway);
        Traffic.assertPings(vm1, family == Family.IPV4 ? family.nextHop : family.nextHop + "%eth0");
        for (String output :
                List.of(Traffic.assertPings(vm1, family.address2), Traffic.assertPings(vm2, family.address1))) {
            assertTrue(output.contains(" ttl=63 "), "a router is in between: " + output);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tracerouteShowsTheRouterAndThenTheGuest(Family family) throws Exception {
        String output = vm1.run("traceroute %s -n -q 1 -w 5 -m 4 %s".formatted(family.option(), family.address2), SOON);
        List<String> hops =
                HOP.matcher(output).results().map(hop -> hop.group(1)).toList();
        assertEquals(List.of(family.gateway, family.address2), hops, output);
    }

    @ParameterizedTest
    @EnumSource
    void senderIsToldThatNobodyHasAnAddress(Family family) throws Exception {
        String output = ping(family, family.absent).output();
        assertTrue(output.contains("From %s icmp_seq=1 Destination ".formatted(family.gateway)), output);
    }

    /** What exceeds the path is reported once; then the sender knows, and sends in pieces if it may. */
    @ParameterizedTest
    @EnumSource
    void senderLearnsTheMtuOfThePath(Family family) throws Exception {
        forgetPaths(family);
        int payload = MTU - family.header - 8;
        String tooLong = ping(family, "-M do -s %d %s".formatted(payload, family.address2))
                .output();
        assertTrue(tooLong.contains("From %s icmp_seq=1 %s".formatted(family.gateway, family.tooLong)), tooLong);
        assertTrue(tooLong.contains(" 0 received"), tooLong);
        assertLearnt(family);
        int fitting = SMALLER_MTU - family.header - 8;
        for (String options : List.of("-M do -s " + fitting, "-M want -s " + payload)) {
            String output = ping(family, options + " " + family.address2).output();
            assertTrue(output.contains("2 received, 0% packet loss"), output);
        }
    }

    @ParameterizedTest
    @EnumSource
    void streamIsOfTheReceiversMtu(Family family) throws Exception {
        long dropped = router.counter(1, Counter.TX_DROP_MTU);
        double gbit = Traffic.throughput(vm1, vm2, family.address2, "");
        System.out.println("iperf3 between two routed user-mode Linux guests of MTUs 1500 and 1400, %s: %.2f Gbit/s"
                .formatted(family, gbit));
        assertEquals(dropped, router.counter(1, Counter.TX_DROP_MTU));
    }

    /** As it is where the narrow place is not at either end: the segment size that was agreed on does not fit. */
    @ParameterizedTest
    @EnumSource
    void streamOfLongerSegmentsAdaptsToThePath(Family family) throws Exception {
        forgetPaths(family);
        vm2.run(
                "/usr/bin/ip %s route replace %s via %s dev eth0 advmss %d"
                        .formatted(family.option(), family.address1, family.nextHop, MTU - family.header - 20),
                SOON);
        long dropped = router.counter(1, Counter.TX_DROP_MTU);
        double gbit = Traffic.throughput(vm1, vm2, family.address2, "");
        System.out.println("iperf3 with path MTU discovery, %s: %.2f Gbit/s".formatted(family, gbit));
        assertTrue(router.counter(1, Counter.TX_DROP_MTU) > dropped, "there was nothing to be discovered");
        assertLearnt(family);
        vm2.run("/usr/bin/ip %s route del %s".formatted(family.option(), family.address1), SOON);
    }

    /** Two echoes by iputils, whose options and reports busybox does not have. */
    private static GuestResult ping(Family family, String arguments) throws IOException {
        return vm1.exec("/usr/bin/ping %s -c 2 -i 0.2 -W 5 %s".formatted(family.option(), arguments), SOON);
    }

    private static void forgetPaths(Family family) throws IOException {
        vm1.run("/usr/bin/ip %s route flush cache".formatted(family.option()), SOON);
    }

    private static void assertLearnt(Family family) throws IOException {
        String route = vm1.run("/usr/bin/ip %s route get %s".formatted(family.option(), family.address2), SOON);
        assertTrue(route.contains(" mtu " + SMALLER_MTU), route);
    }
}
