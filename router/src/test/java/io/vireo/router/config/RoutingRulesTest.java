package io.vireo.router.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which routes, peers and uplinks a router refuses to start with. Network red has guest vm1, blue has vm2. */
class RoutingRulesTest {
    private static final NetworkConfig RED = network("red", "10.0.0.0/24", "2001:db8:1::/48");
    private static final NetworkConfig BLUE = network("blue", "10.0.1.0/24", "2001:db8:2::/48");
    private static final UplinkConfig TUN = UplinkConfig.of("vireo0");
    private static final RouteTarget VM1 = new RouteTarget.Guest("vm1");
    private static final RouteTarget OUT = new RouteTarget.Uplink();

    private static NetworkConfig network(String name, String ipv4, String ipv6) {
        Delegation delegation = new Delegation(Ipv6Prefix.parse(ipv6.replace("db8", "dba")), 56);
        return new NetworkConfig(name, Ipv4Prefix.parse(ipv4), Addressing.ROUTED)
                .withIpv6(new Ipv6Network(Ipv6Prefix.parse(ipv6), Ipv6Addressing.SLAAC).withDelegation(delegation));
    }

    private static NetworkConfig routed(NetworkConfig network, StaticRoute... routes) {
        return network.withRouting(new Routing(false, Arrays.asList(routes), List.of()));
    }

    private static NetworkConfig withUplink(NetworkConfig network, StaticRoute... routes) {
        return network.withRouting(new Routing(true, Arrays.asList(routes), List.of()));
    }

    private static NetworkConfig withPeers(NetworkConfig network, String... peers) {
        return network.withRouting(new Routing(false, List.of(), Arrays.asList(peers)));
    }

    private static StaticRoute route(String to, RouteTarget target) {
        return to.contains(":")
                ? new StaticRoute.Ipv6(Ipv6Prefix.parse(to), target)
                : new StaticRoute.Ipv4(Ipv4Prefix.parse(to), target);
    }

    private static VhostConfig guest(int number, NetworkConfig network) {
        return VhostConfig.of(Path.of("/run/vm" + number + ".sock"), MacAddress.parse("52:54:00:12:34:0" + number))
                .withIpv4(new Ipv4Address(network.ipv4().address().value() + 5))
                .withNetwork(network.name());
    }

    private static RouterConfig start(Optional<UplinkConfig> uplink, NetworkConfig... networks) {
        List<VhostConfig> guests = new ArrayList<>();
        for (NetworkConfig network : networks) {
            guests.add(guest(guests.size() + 1, network));
        }
        return new RouterConfig(1, IdlePolicy.DEFAULT, Optional.empty(), uplink, Arrays.asList(networks), guests);
    }

    private static void assertRefused(String why, Optional<UplinkConfig> uplink, NetworkConfig... networks) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> start(uplink, networks));
        assertEquals(why, e.getMessage());
    }

    private static void assertRefused(String why, NetworkConfig... networks) {
        assertRefused(why, Optional.of(TUN), networks);
    }

    // ---- routes

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0/0",
                "::/0",
                "192.168.7.0/24",
                "10.0.0.0/23",
                "8.8.8.8/32",
                "169.254.169.254/32",
                "64:ff9b::/96"
            })
    void routesLeadAnywhereBeyondTheNetwork(String to) {
        NetworkConfig network = routed(RED, route(to, VM1));
        assertEquals(network, start(Optional.empty(), network).networks().getFirst());
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/24,10.0.0.0/24",
        "10.0.0.128/25,10.0.0.0/24",
        "2001:db8:1::/48,2001:db8:1::/48",
        "2001:db8:1:7::/64,2001:db8:1::/48",
        "2001:dba:1:700::/56,2001:dba:1::/48"
    })
    void noRouteIsInsideItsNetwork(String to, String prefix) {
        assertRefused(
                "network red: route to %s: it is inside %s of network red".formatted(to, prefix),
                routed(RED, route(to, VM1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.0/8",
                "0.0.0.0/32",
                "224.0.0.0/4",
                "239.1.1.1/32",
                "255.255.255.255/32",
                "169.254.0.0/16",
                "169.254.0.1/32",
                "::1/128",
                "fe80::/64",
                "ff02::1/128"
            })
    void noRouteLeadsWhereNothingIsForwarded(String to) {
        assertRefused(
                "network red: route to " + to + ": it is not a prefix that packets are forwarded to",
                routed(RED, route(to, VM1)));
    }

    @Test
    void noTwoRoutesLeadToOnePrefix() {
        assertRefused(
                "network red: route to 192.168.7.0/24: there is another one to the same prefix",
                routed(RED, route("192.168.7.0/24", VM1), route("192.168.7.0/24", new RouteTarget.Blackhole())));
    }

    @Test
    void routesLeadToGuestsOfTheSameNetwork() {
        assertRefused(
                "network red: route to 192.168.7.0/24: there is no guest vm9",
                routed(RED, route("192.168.7.0/24", new RouteTarget.Guest("vm9"))));
        assertRefused(
                "network red: route to 192.168.7.0/24: guest vm2 is of network blue",
                routed(RED, route("192.168.7.0/24", new RouteTarget.Guest("vm2"))),
                BLUE);
    }

    @Test
    void ipv6IsRoutedWhereThereIsIpv6() {
        NetworkConfig plain = new NetworkConfig("red", RED.ipv4(), Addressing.ROUTED);
        assertRefused(
                "network red: route to 2001:db8:7::/48: the network has no IPv6",
                routed(plain, route("2001:db8:7::/48", VM1)));
    }

    @Test
    void thereIsALimitOfRoutes() {
        List<StaticRoute> routes = Collections.nCopies(Routing.MAX_ROUTES + 1, route("192.168.7.0/24", VM1));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new Routing(false, routes, List.of()));
        assertEquals("100001 routes are more than 100000", e.getMessage());
    }

    // ---- peers

    @Test
    void eachOfTwoPeersIsTheOthersWhoeverNamesIt() {
        RouterConfig config = start(Optional.empty(), withPeers(RED, "blue"), BLUE);
        assertEquals(
                List.of(config.networks().get(1)),
                config.peersOf(config.networks().get(0)));
        assertEquals(
                List.of(config.networks().get(0)),
                config.peersOf(config.networks().get(1)));
        assertEquals(List.of(), start(Optional.empty(), RED, BLUE).peersOf(RED));
    }

    @Test
    void peersExist() {
        assertRefused("network red: there is no network green to be its peer", withPeers(RED, "green"));
        assertRefused("network red: it cannot be its own peer", withPeers(RED, "red"));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/24,2001:db8:9::/48,10.0.0.0/24,10.0.0.0/24",
        "10.0.0.128/25,2001:db8:9::/48,10.0.0.128/25,10.0.0.0/24",
        "10.0.9.0/24,2001:db8:1:8000::/52,2001:db8:1:8000::/52,2001:db8:1::/48",
        "10.0.9.0/24,2001:dba:1:8000::/52,2001:dba:1:8000::/52,2001:dba:1::/48"
    })
    void peersDoNotOverlap(String ipv4, String ipv6, String inner, String outer) {
        Ipv6Network without = new Ipv6Network(Ipv6Prefix.parse(ipv6), Ipv6Addressing.SLAAC);
        NetworkConfig blue = new NetworkConfig("blue", Ipv4Prefix.parse(ipv4), Addressing.SUBNET).withIpv6(without);
        start(Optional.empty(), RED, blue);
        assertRefused(
                "network red: among it and its peers, %s of network blue overlaps %s of network red"
                        .formatted(inner, outer),
                RED,
                withPeers(blue, "red"));
    }

    @Test
    void twoPeersOfOneNetworkDoNotOverlap() {
        NetworkConfig green = network("green", "10.0.0.0/25", "2001:db8:3::/48");
        assertRefused(
                "network blue: among it and its peers, 10.0.0.0/25 of network green overlaps 10.0.0.0/24 of network red",
                RED,
                withPeers(BLUE, "red", "green"),
                green);
    }

    @Test
    void noRouteIsInsideAPeer() {
        NetworkConfig red = RED.withRouting(new Routing(false, List.of(route("10.0.1.128/25", VM1)), List.of("blue")));
        assertRefused("network red: route to 10.0.1.128/25: it is inside 10.0.1.0/24 of network blue", red, BLUE);
    }

    // ---- the uplink

    @Test
    void whoHasTheUplinkNeedsThatThereIsOne() {
        assertRefused("network red: there is no uplink", Optional.empty(), withUplink(RED));
        assertRefused("network red: there is no uplink", Optional.empty(), routed(RED, route("8.8.8.8/32", OUT)));
        start(Optional.of(TUN), withUplink(RED), withUplink(BLUE));
    }

    @Test
    void networksWithTheUplinkDoNotOverlap() {
        NetworkConfig wide = network("wide", "10.0.0.0/16", "2001:db8:9::/48");
        assertRefused(
                "networks red and wide cannot both have the uplink:"
                        + " 10.0.0.0/24 of network red overlaps 10.0.0.0/16 of network wide",
                withUplink(RED),
                withUplink(wide));
        assertRefused(
                "networks red and wide cannot both have the uplink:"
                        + " 10.0.0.0/24 of network red overlaps 10.0.0.0/16 of network wide",
                withUplink(RED),
                routed(wide, route("8.8.8.8/32", OUT)));
        start(Optional.of(TUN), withUplink(RED), wide);
    }

    @Test
    void whatIsBehindTheirGuestsDoesNotOverlapEither() {
        assertRefused(
                "networks blue and red cannot both have the uplink:"
                        + " 10.0.1.0/24 of network blue overlaps 10.0.0.0/16 of network red",
                withUplink(RED, route("10.0.0.0/16", VM1)),
                withUplink(BLUE));
        assertRefused(
                "networks blue and red cannot both have the uplink:"
                        + " 192.168.7.0/25 of network blue overlaps 192.168.7.0/24 of network red",
                withUplink(RED, route("192.168.7.0/24", VM1)),
                withUplink(BLUE, route("192.168.7.0/25", OUT)));
        start(
                Optional.of(TUN),
                withUplink(RED, route("192.168.7.0/24", new RouteTarget.Blackhole())),
                withUplink(BLUE, route("192.168.7.0/24", new RouteTarget.Guest("vm2"))));
    }

    @Test
    void theWorldIsEitherBehindAGuestOrBehindTheUplink() {
        for (String all : List.of("0.0.0.0/0", "::/0")) {
            assertRefused(
                    "network red cannot have both the uplink and a default route by way of a guest",
                    withUplink(RED, route(all, VM1)));
            start(Optional.empty(), routed(RED, route(all, VM1)));
        }
    }

    @Test
    void theUplinksOwnAddressesAreOutsideTheNetworksThatHaveIt() {
        UplinkConfig inside = TUN.withIpv4(Ipv4Address.parse("10.0.0.1"));
        assertRefused(
                "uplink: its own address 10.0.0.1/32 is inside 10.0.0.0/24 of network red, which has the uplink",
                Optional.of(inside),
                withUplink(RED));
        assertRefused(
                "uplink: its own address 2001:db8:1::1/128 is inside 2001:db8:1::/48 of network red, which has the uplink",
                Optional.of(TUN.withIpv6(Ipv6Address.parse("2001:db8:1::1"))),
                withUplink(RED));
        start(Optional.of(inside), RED, withUplink(BLUE));
    }
}
