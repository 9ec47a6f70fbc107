package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets to what no guest of the network has: 192.168.7.0/24 and 2001:db8:7::/48 are behind guest b, 10.0.1.0/24 is a peer's. */
class RoutesTest {
    private static final int BEHIND = ipv4("192.168.7.9");
    private static final int WORLD = ipv4("8.8.8.8");
    private static final int BLACK = ipv4("192.168.8.1");
    private static final int PEER_PREFIX = ipv4("10.0.1.0");
    private static final Ipv6Address BEHIND6 = Ipv6Address.parse("2001:db8:7::9");
    private static final Ipv6Address WORLD6 = Ipv6Address.parse("2600::1");
    private static final Ipv6Address BLACK6 = Ipv6Address.parse("2001:db8:8::1");

    private final Network peer = new Network(
            "peer",
            Ipv4Prefix.parse("10.0.1.0/24"),
            Ipv4Address.parse("10.0.1.1"),
            false,
            Optional.of(Ipv6Prefix.parse("2001:db8:1::/48")));
    private DataPlane plane;
    private Guest a;
    private Guest b;
    private Guest c;

    private static int ipv4(String address) {
        return Ipv4Address.parse(address).value();
    }

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet();
        a = plane.guest();
        b = plane.guest();
        c = new Guest(peer, PEER_PREFIX, 200); // its /64 is 2001:db8:1:c8::/64, of no guest here
        plane.guests.add(c);
        c.start(0);
        for (Guest guest : plane.guests) {
            guest.post(20, 2000);
        }
        install(Route.via(b.port));
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private void install(Route behind) {
        plane.network.routes(new Routes(
                Map.of(
                        Networks.IPV4,
                        Route.UNREACHABLE,
                        Ipv4Prefix.parse("192.168.7.0/24"),
                        behind,
                        Ipv4Prefix.parse("192.168.8.0/24"),
                        Route.BLACKHOLE,
                        Ipv4Prefix.parse("10.0.1.0/24"),
                        Route.to(peer)),
                Map.of(
                        Ipv6Prefix.parse("2001:db8:7::/48"),
                        behind,
                        Ipv6Prefix.parse("2001:db8:8::/48"),
                        Route.BLACKHOLE,
                        Ipv6Prefix.parse("2001:db8:1:c8::/64"),
                        Route.to(peer))));
        peer.routes(new Routes(
                Map.of(Networks.IPV4, Route.to(plane.network)),
                Map.of(Ipv6Prefix.parse("2001:db8:1::/48"), Route.to(plane.network))));
    }

    /** A datagram by which a guest claims to be another. */
    private static byte[] from(Guest guest, int source, int destination, int timeToLive) {
        return Frames.ipv4(Gateway.GATEWAY_MAC, guest.mac(), source, destination, 17, timeToLive, 100);
    }

    private void send(Guest from, byte[] frame) {
        from.send(frame);
        plane.visit(from); // which also gives it the error that its last one may have caused
        assertEquals(1, from.transmitted().size());
    }

    /** What {@code to} gets, one hop on. */
    private static byte[] hop(byte[] frame, Guest to) {
        byte[] copy = Frames.forwarded(frame, to);
        boolean v4 = copy[12] == 8;
        copy[v4 ? Frames.IP_TTL : Frames6.HOP_LIMIT]--;
        return v4 ? Frames.sealed(copy) : copy;
    }

    private void expectPassed(Guest from, byte[] frame, Guest to) {
        send(from, frame);
        List<byte[]> frames = to.receiveFrames();
        assertEquals(1, frames.size());
        assertArrayEquals(hop(frame, to), frames.getFirst());
    }

    private void expectDropped(Guest from, byte[] frame, Counter reason, Counter... more) {
        plane.guests.forEach(Guest::receive); // errors about what was dropped before
        long before = from.port.counter(reason);
        send(from, frame);
        assertEquals(before + 1, from.port.counter(reason));
        for (Counter other : more) {
            assertEquals(1, from.port.counter(other));
        }
        plane.guests.stream()
                .filter(guest -> guest != from)
                .forEach(guest -> assertTrue(guest.receive().isEmpty()));
    }

    @Test
    void passesOnToTheGuestThatKnowsTheWay() {
        expectPassed(a, Frames.udp(a, BEHIND, 100), b);
        expectPassed(a, Frames6.udp(a, BEHIND6, 100), b);
    }

    @Test
    void aGuestMaySendFromWhatIsBehindIt() {
        expectForwarded(b, from(b, BEHIND, a.ipv4(), 64), a);
        expectForwarded(b, Frames6.udp(b, BEHIND6, a.ipv6(), 100), a);
    }

    /** The same within the subnet, where no hops are counted. */
    private void expectForwarded(Guest from, byte[] frame, Guest to) {
        send(from, frame);
        List<byte[]> frames = to.receiveFrames();
        assertEquals(1, frames.size());
        assertArrayEquals(Frames.forwarded(frame, to), frames.getFirst());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.168.6.255",
                "192.168.8.0",
                "10.0.0.5",
                "10.0.0.1",
                "10.0.0.99",
                "10.0.1.200",
                "8.8.8.8",
                "169.254.0.1",
                "127.0.0.1",
                "224.0.0.1",
                "255.255.255.255"
            })
    void aGuestMaySendFromNothingElse(String source) {
        expectDropped(b, from(b, ipv4(source), a.ipv4(), 64), Counter.TX_DROP_SPOOFED_IPV4);
    }

    @Test
    void othersMayNotSendFromWhatIsBehindAGuest() {
        expectDropped(a, from(a, BEHIND, b.ipv4(), 64), Counter.TX_DROP_SPOOFED_IPV4);
        expectDropped(a, Frames6.udp(a, BEHIND6, b.ipv6(), 100), Counter.TX_DROP_SPOOFED_IPV6);
        expectDropped(b, Frames6.udp(b, WORLD6, a.ipv6(), 100), Counter.TX_DROP_SPOOFED_IPV6);
        expectDropped(b, Frames6.udp(b, Frames6.GATEWAY, a.ipv6(), 100), Counter.TX_DROP_SPOOFED_IPV6);
        expectDropped(b, Frames6.udp(b, a.ipv6(), a.ipv6(), 100), Counter.TX_DROP_SPOOFED_IPV6);
    }

    @Test
    void whoIsBehindAGuestMaySendThoughTheGuestHasNoAddressYet() {
        plane.network.withdraw(b.port, b.ipv4());
        b.port.address(0);
        expectForwarded(b, from(b, BEHIND, a.ipv4(), 64), a);
        expectDropped(b, from(b, 0, a.ipv4(), 64), Counter.TX_DROP_SPOOFED_IPV4);
    }

    @Test
    void aGuestMayAskForTheGatewayInTheNameOfWhatIsBehindIt() {
        send(b, Frames.arpRequest(b, BEHIND, DataPlane.GATEWAY));
        assertEquals(1, b.port.counter(Counter.ARP_ANSWERED));
        expectDropped(a, Frames.arpRequest(a, BEHIND, DataPlane.GATEWAY), Counter.TX_DROP_SPOOFED_IPV4);
    }

    @Test
    void countsHopsOnTheWayOutOfASubnet() {
        for (int timeToLive = 0; timeToLive <= 1; timeToLive++) {
            send(a, from(a, a.ipv4(), BEHIND, timeToLive));
            send(a, Frames6.ipv6(a, a.ipv6(), BEHIND6, Frames6.UDP, timeToLive, Frames6.pattern(30)));
        }
        assertEquals(4, a.port.counter(Counter.TX_DROP_TTL_EXPIRED));
        assertEquals(4, a.port.counter(Counter.ICMP_ERRORS));
        assertTrue(b.receive().isEmpty());
    }

    @Test
    void tellsThatALinkOnTheWayIsTooNarrow() throws Exception {
        Guest narrow = plane.stoppedGuest(plane.network, 40, 1280);
        install(Route.via(narrow.port));
        expectDropped(a, Frames.udp(a, BEHIND, 1295), Counter.TX_DROP_MTU, Counter.ICMP_ERRORS);
        expectDropped(a, Frames6.udp(a, BEHIND6, 1295), Counter.TX_DROP_MTU);
        assertEquals(2, a.port.counter(Counter.ICMP_ERRORS));
    }

    @Test
    void aBlackHoleTellsNobody() {
        expectDropped(a, Frames.udp(a, BLACK, 100), Counter.TX_DROP_BLACKHOLE);
        expectDropped(a, Frames6.udp(a, BLACK6, 100), Counter.TX_DROP_BLACKHOLE);
        assertEquals(0, a.port.counter(Counter.ICMP_ERRORS));
    }

    @Test
    void nothingIsSentBackToWhereItCameFrom() {
        expectDropped(b, Frames.udp(b, BEHIND, 100), Counter.TX_DROP_NO_ROUTE, Counter.ICMP_ERRORS);
        expectDropped(b, Frames6.udp(b, BEHIND6, 100), Counter.TX_DROP_NO_ROUTE);
    }

    @Test
    void aDefaultRouteIsForWhatMayBeForwardedAlone() {
        plane.network.routes(new Routes(
                Map.of(Ipv4Prefix.parse("0.0.0.0/0"), Route.via(b.port), Networks.IPV4, Route.UNREACHABLE),
                Map.of(Ipv6Prefix.parse("::/0"), Route.via(b.port), Networks.IPV6, Route.UNREACHABLE)));
        expectPassed(a, Frames.udp(a, WORLD, 100), b);
        expectPassed(a, Frames6.udp(a, WORLD6, 100), b);
        for (String address : List.of("10.0.0.99", "127.0.0.1", "169.254.7.7", "0.1.2.3", "250.1.2.3")) {
            expectDropped(a, Frames.udp(a, ipv4(address), 100), Counter.TX_DROP_NO_ROUTE);
        }
        for (String address : List.of("224.0.0.1", "255.255.255.255", "10.0.0.255", "10.0.0.0")) {
            expectDropped(a, Frames.udp(a, ipv4(address), 100), Counter.TX_DROP_BROADCAST);
        }
        for (String address : List.of("::1", "::", "::2", "fe80::99", "2001:db8:1:99::9")) {
            expectDropped(a, Frames6.udp(a, Ipv6Address.parse(address), 100), Counter.TX_DROP_NO_ROUTE);
        }
    }

    @Test
    void peersReachEachOthersGuests() {
        expectPassed(a, Frames.udp(a, c.ipv4(), 100), c);
        expectPassed(c, Frames.udp(c, a.ipv4(), 100), a);
        expectPassed(a, Frames6.udp(a, c.ipv6(), 100), c);
        expectPassed(c, Frames6.udp(c, a.ipv6(), 100), a);
        expectDropped(a, Frames.udp(a, PEER_PREFIX + 9, 100), Counter.TX_DROP_NO_ROUTE);
        expectDropped(a, Frames.udp(a, PEER_PREFIX + 1, 100), Counter.TX_DROP_NO_ROUTE);
    }

    @Test
    void tellsWhoseGuestHasAnAddressOrHasItBehindIt() {
        assertSame(a.port, plane.network.guestFor(a.ipv4()));
        assertSame(b.port, plane.network.guestFor(BEHIND));
        assertNull(plane.network.guestFor(c.ipv4()), "a peer's");
        assertNull(plane.network.guestFor(BLACK));
        assertSame(a.port, plane.network.guestFor(a.ipv6().high(), a.ipv6().low()));
        assertSame(b.port, plane.network.guestFor(BEHIND6.high(), BEHIND6.low()));
        assertNull(plane.network.guestFor(c.ipv6().high(), c.ipv6().low()));
        assertNull(plane.network.guestFor(BLACK6.high(), BLACK6.low()));
    }

    @Test
    void peersDoNotReachWhatIsBehindEachOthersGuests() {
        expectDropped(c, Frames.udp(c, BEHIND, 100), Counter.TX_DROP_NO_ROUTE);
        expectDropped(b, from(b, BEHIND, c.ipv4(), 64), Counter.TX_DROP_NO_ROUTE);
        expectDropped(c, Frames6.udp(c, BEHIND6, 100), Counter.TX_DROP_NO_ROUTE);
        expectDropped(b, Frames6.udp(b, BEHIND6, c.ipv6(), 100), Counter.TX_DROP_NO_ROUTE);
    }

    @Test
    void guestsComeBeforeRoutes() {
        plane.network.assign(a.port, BEHIND);
        expectForwarded(b, Frames.udp(b, BEHIND, 100), a);
        plane.network.withdraw(a.port, BEHIND);
        assertSame(b.port, plane.network.route(BEHIND).port());
    }
}
