package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.LinuxException;
import io.vireo.linux.Netlink;
import io.vireo.linux.NetlinkEvent;
import io.vireo.linux.NetlinkEvents;
import io.vireo.linux.NetlinkLink;
import io.vireo.linux.NetlinkRoute;
import io.vireo.linux.Tap;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel makes of {@link Netlink}'s requests, as {@code ip} tells it. */
@Timeout(60)
class NetlinkIT {
    private static final int PROTOCOL = 86;

    /** Namespace, a tap that is up, a connection. */
    private interface Body {
        void run(Netlink netlink, int link) throws Exception;
    }

    private static void withLink(Body body) throws Exception {
        OwnNamespace.run(() -> {
            try (Tap tap = Tap.create("tap0");
                    Netlink netlink = Netlink.open()) {
                int link = netlink.link(tap.name()).orElseThrow().index();
                netlink.generateNoAddresses(link);
                netlink.setUp(link, 1400);
                body.run(netlink, link);
            }
        });
    }

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private static NetlinkRoute route(String prefix, int metric, int link, int mtu) {
        String[] parts = prefix.split("/", -1);
        return NetlinkRoute.unicast(address(parts[0]), Integer.parseInt(parts[1]), PROTOCOL, metric, link, mtu);
    }

    @Test
    void anInterfaceIsFoundAndSetUp() throws Exception {
        withLink((netlink, link) -> {
            NetlinkLink tap = netlink.link("tap0").orElseThrow();
            assertEquals(new NetlinkLink(link, "tap0", 1400, true), tap);
            assertTrue(netlink.link("tap1").isEmpty());
            assertFalse(ip("-6 address show dev tap0").contains("fe80"), "it has no address of its own making");
        });
    }

    @Test
    void addressesStandAloneAndAreUsableAtOnce() throws Exception {
        withLink((netlink, link) -> {
            assertTrue(netlink.addAddress(link, address("10.9.8.7")));
            assertTrue(netlink.addAddress(link, address("2001:db8::7")));
            assertFalse(netlink.addAddress(link, address("10.9.8.7")));
            assertFalse(netlink.addAddress(link, address("2001:db8::7")));
            String shown = ip("address show dev tap0");
            assertTrue(shown.contains("inet 10.9.8.7/32 "), shown);
            assertTrue(shown.contains("inet6 2001:db8::7/128 "), shown);
            assertFalse(shown.contains("tentative"), shown);
        });
    }

    @Test
    void routesAreAddedListedAndDeleted() throws Exception {
        withLink((netlink, link) -> {
            Set<NetlinkRoute> routes = Set.of(
                    route("10.0.0.5/32", 0, link, 1300),
                    route("192.168.7.0/24", 0, link, 0),
                    route("2001:db8::5/128", 1024, link, 1280),
                    route("2001:db8:0:1::/64", 1024, link, 0),
                    NetlinkRoute.unreachable(address("10.0.0.0"), 24, PROTOCOL, 77),
                    NetlinkRoute.unreachable(address("2001:db8::"), 64, PROTOCOL, 77));
            for (NetlinkRoute route : routes) {
                assertTrue(netlink.add(route), route::toString);
                assertFalse(netlink.add(route), route::toString);
            }
            ip("route add 172.16.0.0/12 dev tap0"); // somebody else's
            ip("route add 172.17.0.0/16 dev tap0 protocol 86 table 99");
            assertEquals(routes, new HashSet<>(netlink.routes(PROTOCOL)));
            String shown = ip("route show") + ip("-6 route show");
            assertTrue(shown.contains("10.0.0.5 dev tap0 proto 86 scope link mtu 1300"), shown);
            assertTrue(shown.contains("unreachable 2001:db8::/64 dev lo proto 86 metric 77"), shown);
            for (NetlinkRoute route : routes) {
                assertTrue(netlink.delete(route), route::toString);
                assertFalse(netlink.delete(route), route::toString);
            }
            assertEquals(List.of(), netlink.routes(PROTOCOL));
            assertEquals(
                    List.of("172.16.0.0/12 dev tap0 scope link"),
                    ip("route show").lines().map(String::strip).toList());
        });
    }

    @Test
    void manyRoutesAreListed() throws Exception {
        withLink((netlink, link) -> {
            Set<NetlinkRoute> routes = new HashSet<>();
            for (int i = 0; i < 5000; i++) {
                String third = (i >> 8) + "." + (i & 255);
                routes.add(route("10.0." + third + "/32", 0, link, 0));
                routes.add(route("2001:db8::" + Integer.toHexString(i + 1) + "/128", 1024, link, 0));
            }
            for (NetlinkRoute route : routes) {
                assertTrue(netlink.add(route));
            }
            assertEquals(routes, new HashSet<>(netlink.routes(PROTOCOL)));
        });
    }

    @Test
    void aRouteOfSomebodyElseIsNotReplaced() throws Exception {
        withLink((netlink, link) -> {
            ip("link set lo up");
            ip("route add 10.0.0.5/32 dev lo");
            ip("-6 route add 2001:db8::5/128 dev lo");
            assertFalse(netlink.add(route("10.0.0.5/32", 0, link, 0)));
            assertFalse(netlink.add(route("2001:db8::5/128", 1024, link, 0)));
        });
    }

    @Test
    void theKernelsReasonIsInTheException() throws Exception {
        withLink((netlink, link) -> {
            LinuxException noLink =
                    assertThrows(LinuxException.class, () -> netlink.add(route("10.0.0.5/32", 0, 4711, 0)));
            assertEquals("netlink: adding route 10.0.0.5/32: ENODEV", noLink.getMessage());
            LinuxException mtu = assertThrows(LinuxException.class, () -> netlink.setUp(link, 10));
            assertEquals(
                    "netlink: setting up interface %d with MTU 10 (mtu less than device minimum): EINVAL"
                            .formatted(link),
                    mtu.getMessage());
        });
    }

    @Test
    void whatChangesIsAnnounced() throws Exception {
        withLink((netlink, link) -> {
            try (NetlinkEvents events = NetlinkEvents.open()) {
                assertFalse(events.next().stream().anyMatch(this::isMainRoute)); // of the tap's state there may be some
                NetlinkRoute own = route("10.0.0.5/32", 0, link, 0);
                netlink.add(own);
                assertEquals(new NetlinkEvent.RouteChanged(own, netlink.port()), only(events, this::isMainRoute));
                ip("route del 10.0.0.5/32");
                NetlinkEvent.RouteChanged foreign = (NetlinkEvent.RouteChanged) only(events, this::isMainRoute);
                assertEquals(own, foreign.route());
                assertFalse(foreign.port() == netlink.port());
                ip("address add 10.1.1.1/32 dev tap0");
                only(events, new NetlinkEvent.AddressChanged(link)::equals);
                ip("link set tap0 down");
                only(events, new NetlinkEvent.LinkChanged(new NetlinkLink(link, "tap0", 1400, false))::equals);
                ip("link delete tap0");
                only(
                        events,
                        event -> event instanceof NetlinkEvent.LinkGone gone
                                && gone.link().index() == link);
            }
        });
    }

    private boolean isMainRoute(NetlinkEvent event) {
        return event instanceof NetlinkEvent.RouteChanged changed
                && changed.route().table() == NetlinkRoute.MAIN_TABLE;
    }

    private static NetlinkEvent only(NetlinkEvents events, Predicate<NetlinkEvent> wanted) throws LinuxException {
        List<NetlinkEvent> all = new ArrayList<>();
        for (List<NetlinkEvent> some = events.next(); !some.isEmpty(); some = events.next()) {
            all.addAll(some);
        }
        List<NetlinkEvent> found = all.stream().filter(wanted).distinct().toList();
        assertEquals(1, found.size(), all::toString);
        return found.getFirst();
    }

    @Test
    void anOverrunIsReportedOnce() throws Exception {
        withLink((netlink, link) -> {
            try (NetlinkEvents events = NetlinkEvents.open()) {
                for (int i = 0; i < 4000; i++) { // more than the socket's buffer holds
                    NetlinkRoute route = route("10.0.0.5/32", 0, link, 0);
                    netlink.add(route);
                    netlink.delete(route);
                }
                int overruns = 0;
                for (List<NetlinkEvent> some = events.next(); !some.isEmpty(); some = events.next()) {
                    overruns += some.contains(new NetlinkEvent.Overrun()) ? 1 : 0;
                }
                assertEquals(1, overruns);
            }
        });
    }
}
