package io.vireo.harness;

import static io.vireo.harness.RoutedDatagrams.attach;
import static io.vireo.harness.RoutedDatagrams.deliver;
import static io.vireo.harness.RoutedDatagrams.sent;
import static io.vireo.harness.TestGuest.LINK_LOCAL_GATEWAY;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.UserModeLinux;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouteTarget;
import io.vireo.router.config.Routing;
import io.vireo.router.config.StaticRoute;
import io.vireo.router.dataplane.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A network in which vm2 is the way to 192.168.7.0/24 and 2001:db8:7::/48, and nothing is the way to 192.168.8.0/24. */
@Timeout(60)
class RoutesIT {
    private static final String BEHIND = "192.168.7.9";
    private static final String BEHIND6 = "2001:db8:7::9";
    private static final String VM1 = "10.0.0.5";
    private static final String VM1_IPV6 = "2001:db8:1:5::5";
    private static final Duration SOON = Duration.ofSeconds(20);

    private static TestRouter start(int reactors, Addressing addressing) throws IOException {
        RouteTarget vm2 = new RouteTarget.Guest("vm2");
        List<StaticRoute> routes = List.of(
                new StaticRoute.Ipv4(Ipv4Prefix.parse("192.168.7.0/24"), vm2),
                new StaticRoute.Ipv6(Ipv6Prefix.parse("2001:db8:7::/48"), vm2),
                new StaticRoute.Ipv4(Ipv4Prefix.parse("192.168.8.0/24"), new RouteTarget.Blackhole()));
        NetworkConfig network = new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), addressing)
                .withIpv6(new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), Ipv6Addressing.SLAAC))
                .withRouting(new Routing(false, routes, List.of()));
        return TestRouter.start(reactors, List.of(network), 3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void guestsReachWhatIsBehindAnother(int reactors) throws IOException {
        try (TestRouter router = start(reactors, Addressing.ROUTED);
                TestGuest vm1 = attach(router, 1);
                TestGuest vm2 = attach(router, 2);
                TestGuest vm3 = attach(router, 3)) {
            deliver(vm1, VM1, vm2, BEHIND);
            deliver(vm2, BEHIND, vm1, VM1);
            deliver(vm1, VM1_IPV6, vm2, BEHIND6);
            deliver(vm2, BEHIND6, vm1, VM1_IPV6);
            deliver(vm3, "10.0.0.7", vm2, BEHIND);
            deliver(vm2, BEHIND, vm3, "10.0.0.7");
        }
    }

    @Test
    void nobodyElseSendsFromThere() throws IOException {
        try (TestRouter router = start(1, Addressing.SUBNET);
                TestGuest vm1 = attach(router, 1);
                TestGuest vm2 = attach(router, 2)) {
            vm1.send(sent(vm1, BEHIND, "10.0.0.6"));
            vm1.send(sent(vm1, BEHIND6, "2001:db8:1:6::6"));
            vm1.sendExpectingNothing(sent(vm1, BEHIND, BEHIND));
            vm2.sendExpectingNothing(sent(vm2, "192.168.9.9", VM1));
            vm2.sendExpectingNothing(sent(vm2, "192.168.8.9", VM1));
            vm1.ping(LINK_LOCAL_GATEWAY, new byte[0]); // nothing else has come before
            assertEquals(2, router.counter(1, Counter.TX_DROP_SPOOFED_IPV4));
            assertEquals(1, router.counter(1, Counter.TX_DROP_SPOOFED_IPV6));
            assertEquals(2, router.counter(2, Counter.TX_DROP_SPOOFED_IPV4));
        }
    }

    @Test
    void aBlackHoleIsSilentAndNoRouteIsNot() throws IOException {
        try (TestRouter router = start(1, Addressing.SUBNET);
                TestGuest vm1 = attach(router, 1);
                TestGuest vm2 = attach(router, 2)) {
            vm1.sendExpectingNothing(sent(vm1, VM1, "192.168.8.9"));
            assertEquals(1, router.counter(1, Counter.TX_DROP_BLACKHOLE));
            vm1.expectError(sent(vm1, VM1, "192.168.9.9"), 3, 0);
            vm2.expectError(sent(vm2, "10.0.0.6", BEHIND), 3, 0);
        }
    }

    @Test
    void theWayIsThatGuestsWhileItIsAwayToo() throws IOException {
        try (TestRouter router = start(1, Addressing.SUBNET);
                TestGuest vm1 = attach(router, 1)) {
            vm1.sendExpectingNothing(sent(vm1, VM1, BEHIND));
            assertEquals(1, router.counter(2, Counter.RX_DROP_NOT_READY));
            try (TestGuest vm2 = attach(router, 2)) {
                deliver(vm1, VM1, vm2, BEHIND);
            }
        }
    }

    @Test
    void realGuestsReachWhatIsBehindAnother() throws Exception {
        try (TestRouter router = start(1, Addressing.SUBNET);
                Guest vm1 = UserModeLinux.boot("vm1", router.socket(1));
                Guest vm2 = UserModeLinux.boot("vm2", router.socket(2))) {
            vm1.lease();
            vm2.lease();
            vm1.ipv6();
            vm2.ipv6();
            vm2.run(
                    "ip addr add 192.168.7.9/32 dev lo && ip -6 addr add 2001:db8:7::9/128 dev lo && ip link set lo up",
                    SOON);
            Traffic.assertPings(vm1, BEHIND);
            Traffic.assertPings(vm1, BEHIND6);
        }
    }
}
