package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.UserModeLinux;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Advertising;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.dataplane.Counter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * Two real Linux kernels that make their addresses of their own prefixes, where hops are not counted, and whose router has a
 * lifetime of ten seconds.
 */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SlaacGuestsIT {
    private static final int LIFETIME_SECONDS = 10;
    private static final int INTERVAL_SECONDS = 3;
    private static final int LIFETIMES = 6;
    private static final Duration SOON = Duration.ofSeconds(30);
    /** Less than Linux makes of a stream, and far more than a frame of the MTU. */
    private static final long SUPER_FRAME = 10_000;
    /** GUEST_TSO6 and HOST_TSO6. */
    private static final int[] OFFLOAD_BITS = {8, 12};

    private static TestRouter router;
    private static Guest vm1;
    private static Guest vm2;
    private static String address1;
    private static String address2;
    private static long routerFoundNs;

    @BeforeAll
    static void boot() throws Exception {
        Ipv6Network network = new Ipv6Network(
                Ipv6Prefix.parse("2001:db8:1::/48"),
                Ipv6Addressing.SLAAC,
                Optional.empty(),
                new Advertising(LIFETIME_SECONDS, INTERVAL_SECONDS));
        router = TestRouter.start(Addressing.SUBNET, network, 2);
        vm1 = UserModeLinux.boot("vm1", router.socket(1));
        vm2 = UserModeLinux.boot("vm2", router.socket(2));
        address1 = vm1.ipv6();
        address2 = vm2.ipv6();
        routerFoundNs = System.nanoTime();
    }

    @AfterAll
    static void shutDown() throws Exception {
        try (TestRouter last = router;
                Guest second = vm2;
                Guest first = vm1) {
            assertTrue(first.isAlive() && second.isAlive(), "a guest has died");
        }
    }

    @Test
    void eachGuestMakesAnAddressOfItsOwnPrefix() throws Exception {
        // RFC 4291, appendix A, of the guests' MACs
        assertEquals("2001:db8:1:1:5054:ff:fe12:3401", address1);
        assertEquals("2001:db8:1:2:5054:ff:fe12:3402", address2);
        String routes = vm1.run("ip -6 route", SOON);
        assertTrue(routes.contains("default via fe80::1 dev eth0"), routes);
        assertTrue(!routes.contains("2001:db8:1"), "everything goes by way of the gateway: " + routes);
    }

    @Test
    void guestsReachTheGatewayAndEachOther() throws Exception {
        Traffic.assertPings(vm1, "fe80::1%eth0");
        Traffic.assertPings(vm2, "2001:db8:1::1");
        // 64 is what the router tells guests to begin with
        for (String output : new String[] {Traffic.assertPings(vm1, address2), Traffic.assertPings(vm2, address1)}) {
            assertTrue(output.contains(" ttl=64 "), output);
        }
    }

    @Test
    void superFramesOverIpv6PassWhole() throws Exception {
        String features = vm1.run("cat /sys/bus/virtio/devices/virtio0/features", SOON);
        for (int bit : OFFLOAD_BITS) {
            assertEquals('1', features.charAt(bit), "feature " + bit + " of " + features);
        }
        long bytes = router.counter(2, Counter.RX_BYTES);
        long frames = router.counter(2, Counter.RX_FRAMES);
        double there = Traffic.medianThroughput(vm1, vm2, address2, "");
        long frameBytes =
                (router.counter(2, Counter.RX_BYTES) - bytes) / (router.counter(2, Counter.RX_FRAMES) - frames);
        double back = Traffic.medianThroughput(vm1, vm2, address2, " -R");
        System.out.println(
                "iperf3 over IPv6 between two user-mode Linux guests: %.2f Gbit/s in frames of %d bytes, %.2f back"
                        .formatted(there, frameBytes, back));
        assertTrue(frameBytes >= SUPER_FRAME, frameBytes + " bytes");
        for (int number = 1; number <= 2; number++) {
            assertEquals(0, router.counter(number, Counter.TX_DROP_OFFLOAD));
        }
    }

    /** Without a default route, nothing would be sent: there is no other. */
    @Test
    @Order(Integer.MAX_VALUE)
    void defaultRouteIsThereAfterSixLifetimesOfTheRouter() throws Exception {
        long passed = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - routerFoundNs);
        int rest = Math.toIntExact(Math.max(5, LIFETIMES * LIFETIME_SECONDS + 1 - passed));
        String output = vm1.run("ping -c %d %s".formatted(rest, address2), SOON.plusSeconds(rest));
        assertTrue(output.contains("%d packets received, 0%% packet loss".formatted(rest)), output);
        for (Guest guest : new Guest[] {vm1, vm2}) {
            String routes = guest.run("ip -6 route", SOON);
            assertTrue(routes.contains("default via fe80::1 dev eth0"), routes);
        }
        assertEquals(address1, vm1.ipv6());
    }
}
