package io.vireo.router.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.Errno;
import io.vireo.linux.LinuxException;
import io.vireo.linux.NetlinkRoute;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.UplinkConfig;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HostRoutesTest {
    private static final int LINK = 7;

    /** A table that knows one route to each prefix and metric, as the kernel does. */
    private static final class Table implements RouteTable {
        final Set<NetlinkRoute> routes = new LinkedHashSet<>();
        final List<String> requests = new ArrayList<>();
        int failAt = -1;

        @Override
        public List<NetlinkRoute> routes(int protocol) throws LinuxException {
            request("list");
            return routes.stream().filter(route -> route.protocol() == protocol).toList();
        }

        @Override
        public boolean add(NetlinkRoute route) throws LinuxException {
            request("add " + route);
            return !hasLike(route) && routes.add(route);
        }

        private boolean hasLike(NetlinkRoute route) {
            return routes.stream()
                    .anyMatch(other -> other.toString().equals(route.toString()) && other.metric() == route.metric());
        }

        @Override
        public boolean delete(NetlinkRoute route) throws LinuxException {
            request("delete " + route);
            return routes.remove(route);
        }

        private void request(String what) throws LinuxException {
            if (requests.size() == failAt) {
                throw new LinuxException(what, Errno.ENOBUFS);
            }
            requests.add(what);
        }

        List<String> takeRequests() {
            List<String> taken = List.copyOf(requests);
            requests.clear();
            return taken;
        }
    }

    private final Table table = new Table();
    private final Set<HostRoute> wanted = new HashSet<>();
    private final HostRoutes routes = new HostRoutes(table, UplinkConfig.of("vireo0"), () -> wanted);

    private static HostRoute ipv4(String prefix, int mtu) {
        return HostRoute.toGuest(Ipv4Prefix.parse(prefix), mtu);
    }

    private static HostRoute ipv6(String prefix, int mtu) {
        return HostRoute.toGuest(Ipv6Prefix.parse(prefix), mtu);
    }

    private static NetlinkRoute foreign(String address, int length, int protocol, int link) {
        return NetlinkRoute.unicast(InetAddress.ofLiteral(address), length, protocol, 0, link, 0);
    }

    private NetlinkRoute inTable(String prefix) {
        return table.routes.stream()
                .filter(route -> route.toString().equals(prefix))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatIsWantedIsAddedAndWhatIsNotIsRemoved() throws Exception {
        wanted.addAll(Set.of(ipv4("10.0.0.5/32", 1400), ipv6("2001:db8::5/128", 1500)));
        routes.reconcile(LINK);
        assertEquals(
                NetlinkRoute.unicast(InetAddress.ofLiteral("10.0.0.5"), 32, 86, 0, LINK, 1400), inTable("10.0.0.5/32"));
        assertEquals(
                NetlinkRoute.unicast(InetAddress.ofLiteral("2001:db8::5"), 128, 86, 1024, LINK, 0),
                inTable("2001:db8:0:0:0:0:0:5/128"));
        wanted.remove(ipv4("10.0.0.5/32", 1400));
        table.requests.clear();
        routes.update(LINK);
        assertEquals(List.of("delete 10.0.0.5/32"), table.takeRequests());
        assertEquals(1, table.routes.size());
    }

    @Test
    void nothingIsAskedWhereNothingHasChanged() throws Exception {
        wanted.addAll(Set.of(ipv4("10.0.0.5/32", 1400), HostRoute.unreachable(Ipv4Prefix.parse("10.0.0.0/24"))));
        routes.reconcile(LINK);
        table.requests.clear();
        routes.update(LINK);
        assertEquals(List.of(), table.takeRequests());
        routes.reconcile(LINK);
        assertEquals(List.of("list"), table.takeRequests());
    }

    @Test
    void whatAnEarlierProcessHasLeftIsTakenOverOrRemoved() throws Exception {
        wanted.addAll(Set.of(ipv4("10.0.0.5/32", 1400), HostRoute.unreachable(Ipv4Prefix.parse("10.0.0.0/24"))));
        routes.reconcile(LINK);
        wanted.clear();
        wanted.addAll(Set.of(ipv4("10.0.0.5/32", 1400), HostRoute.unreachable(Ipv4Prefix.parse("10.0.1.0/24"))));
        table.requests.clear();
        new HostRoutes(table, UplinkConfig.of("vireo0"), () -> wanted).reconcile(LINK);
        assertEquals(List.of("list", "delete 10.0.0.0/24", "add 10.0.1.0/24"), table.takeRequests());
    }

    @Test
    void anotherDevicesRoutesAreLeftAlone() throws Exception {
        wanted.add(HostRoute.unreachable(Ipv4Prefix.parse("10.0.0.0/24")));
        new HostRoutes(table, UplinkConfig.of("vireo1"), () -> wanted).reconcile(LINK + 1);
        table.routes.add(foreign("10.0.0.9", 32, 86, LINK + 1));
        Set<NetlinkRoute> before = Set.copyOf(table.routes);
        routes.reconcile(LINK);
        assertEquals(3, table.routes.size());
        routes.removeAll(LINK);
        assertEquals(before, table.routes);
    }

    @Test
    void aRouteOfSomebodyElseIsLeftAndTriedAgain() throws Exception {
        NetlinkRoute other = foreign("10.0.0.5", 32, 4, 2);
        table.routes.add(other);
        wanted.add(ipv4("10.0.0.5/32", 1500));
        routes.reconcile(LINK);
        assertEquals(Set.of(other), table.routes);
        assertTrue(routes.concerns(other));
        table.routes.remove(other);
        routes.reconcile(LINK);
        assertEquals(LINK, inTable("10.0.0.5/32").link());
    }

    @Test
    void whatSomebodyHasDeletedComesBack() throws Exception {
        wanted.add(ipv4("10.0.0.5/32", 1500));
        routes.reconcile(LINK);
        table.routes.clear();
        routes.reconcile(LINK);
        assertEquals(LINK, inTable("10.0.0.5/32").link());
    }

    @Test
    void ofTwoToOnePrefixTheSmallerPacketsCount() throws Exception {
        wanted.addAll(Set.of(ipv4("10.0.0.5/32", 1500), ipv4("10.0.0.5/32", 1300), ipv4("10.0.0.5/32", 1400)));
        routes.reconcile(LINK);
        assertEquals(1300, inTable("10.0.0.5/32").mtu());
    }

    @Test
    void aGuestWithLargerPacketsThanTheUplinkHasItsMtu() throws Exception {
        wanted.add(ipv4("10.0.0.5/32", 9000));
        routes.reconcile(LINK);
        assertEquals(0, inTable("10.0.0.5/32").mtu());
    }

    @Test
    void onlyItsOwnAndThoseToItsPrefixesConcernIt() throws Exception {
        wanted.add(ipv4("10.0.0.5/32", 1500));
        routes.reconcile(LINK);
        assertTrue(routes.concerns(foreign("10.0.0.5", 32, 4, 2)));
        assertTrue(routes.concerns(foreign("10.0.0.6", 32, 86, 2)));
        assertFalse(routes.concerns(foreign("10.0.0.6", 32, 4, 2)));
        assertFalse(routes.concerns(
                new NetlinkRoute(InetAddress.ofLiteral("10.0.0.5"), 32, 255, 86, NetlinkRoute.UNICAST, 0, LINK, 0)));
    }

    @Test
    void aFailureAnywhereIsMadeGoodByTheNextLook() throws Exception {
        for (int failAt = 0; failAt < 5; failAt++) {
            table.routes.clear();
            table.requests.clear();
            table.routes.add(foreign("10.0.9.9", 32, 86, LINK));
            wanted.clear();
            wanted.addAll(Set.of(
                    ipv4("10.0.0.5/32", 1500),
                    ipv6("2001:db8::/64", 1500),
                    HostRoute.unreachable(Ipv6Prefix.parse("2001:db8::/48"))));
            HostRoutes failing = new HostRoutes(table, UplinkConfig.of("vireo0"), () -> wanted);
            table.failAt = failAt;
            assertThrows(LinuxException.class, () -> failing.reconcile(LINK));
            table.failAt = -1;
            failing.reconcile(LINK);
            assertEquals(3, table.routes.size());
            failing.removeAll(LINK);
            assertEquals(Set.of(), table.routes);
        }
    }
}
