package io.vireo.harness;

import static io.vireo.harness.RoutedDatagrams.attach;
import static io.vireo.harness.RoutedDatagrams.deliver;
import static io.vireo.harness.RoutedDatagrams.sent;
import static io.vireo.harness.TestGuest.LINK_LOCAL_GATEWAY;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Red with vm1, blue with vm2 and green with vm3: blue names red and green its peers. 192.168.7.0/24 is behind vm2. */
@Timeout(60)
class PeersIT {
    private static final String RED = "10.0.0.5";
    private static final String RED_IPV6 = "2001:db8:1:5::5";
    private static final String BLUE = "10.0.1.5";
    private static final String BLUE_IPV6 = "2001:db8:2:5::5";
    private static final String GREEN = "10.0.2.5";
    private static final String BEHIND_BLUE = "192.168.7.9";

    private static NetworkConfig network(String name, int number, Routing routing) {
        Ipv6Prefix ipv6 = Ipv6Prefix.parse("2001:db8:%d::/48".formatted(number + 1));
        return new NetworkConfig(name, Ipv4Prefix.parse("10.0.%d.0/24".formatted(number)), Addressing.SUBNET)
                .withIpv6(new Ipv6Network(ipv6, Ipv6Addressing.SLAAC))
                .withRouting(routing);
    }

    private static TestRouter start(int reactors) throws IOException {
        StaticRoute behindBlue = new StaticRoute.Ipv4(Ipv4Prefix.parse("192.168.7.0/24"), new RouteTarget.Guest("vm2"));
        List<NetworkConfig> networks = List.of(
                network("red", 0, Routing.NONE),
                network("blue", 1, new Routing(false, List.of(behindBlue), List.of("red", "green"))),
                network("green", 2, Routing.NONE));
        return TestRouter.start(reactors, networks, 1, 1, 1);
    }

    /** With three reactors each network has one of its own. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void peersReachEachOther(int reactors) throws IOException {
        try (TestRouter router = start(reactors);
                TestGuest vm1 = attach(router, 1);
                TestGuest vm2 = attach(router, 2);
                TestGuest vm3 = attach(router, 3)) {
            deliver(vm1, RED, vm2, BLUE);
            deliver(vm2, BLUE, vm1, RED);
            deliver(vm1, RED_IPV6, vm2, BLUE_IPV6);
            deliver(vm2, BLUE_IPV6, vm1, RED_IPV6);
            deliver(vm3, GREEN, vm2, BLUE);
            deliver(vm2, BLUE, vm3, GREEN);
        }
    }

    @Test
    void peersOfAPeerAreNone() throws IOException {
        try (TestRouter router = start(1);
                TestGuest vm1 = attach(router, 1);
                TestGuest vm2 = attach(router, 2);
                TestGuest vm3 = attach(router, 3)) {
            vm1.expectError(sent(vm1, RED, GREEN), 3, 0);
            vm3.expectError(sent(vm3, GREEN, RED), 3, 0);
            vm1.expectError(sent(vm1, RED, BEHIND_BLUE), 3, 0);
            deliver(vm1, RED, vm2, BLUE); // before which it was given nothing
            vm2.send(sent(vm2, BEHIND_BLUE, RED));
            deliver(vm2, BLUE, vm1, RED);
            assertEquals(1, router.counter(2, Counter.TX_DROP_NO_ROUTE));
        }
    }

    @Test
    void peersDoNotSendFromEachOthersAddresses() throws IOException {
        try (TestRouter router = start(1);
                TestGuest vm1 = attach(router, 1);
                TestGuest vm2 = attach(router, 2)) {
            vm1.send(sent(vm1, BLUE, RED));
            vm1.send(sent(vm1, BLUE, BLUE));
            vm1.send(sent(vm1, GREEN, BLUE));
            vm1.ping(LINK_LOCAL_GATEWAY, new byte[0]);
            deliver(vm1, RED, vm2, BLUE);
            assertEquals(3, router.counter(1, Counter.TX_DROP_SPOOFED_IPV4));
        }
    }
}
