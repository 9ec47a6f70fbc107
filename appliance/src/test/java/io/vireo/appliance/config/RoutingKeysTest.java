package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.appliance.config.Example.Rule;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouteTarget;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.Routing;
import io.vireo.router.config.StaticRoute;
import io.vireo.router.config.UplinkConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The uplink, routes and peers. */
class RoutingKeysTest {
    private static final String TUN =
            "; allowed: the name of a network interface: 1 to 15 characters without space, / and :";
    private static final String NO_NAME = " is not an interface's name: 1 to 15 characters without space, / and :";
    private static final String IPV4 = "; allowed: a unicast IPv4 address outside every network that has the uplink";
    private static final String IPV6 = "; allowed: a unicast IPv6 address outside every network that has the uplink";
    private static final String MTU = "; allowed: an integer, 1280 to 65535";
    private static final String UPLINK =
            "; allowed: true or false; true beside uplink at the top, where no other network with it has the same addresses";
    private static final String TO =
            "; allowed: a unicast prefix without host bits, each once, not within the network's own or a peer's";
    private static final String VIA =
            "; allowed: the name of a guest of this network, uplink (beside uplink at the top) or blackhole";
    private static final String PEERS =
            "; allowed: a list of names of other networks, none of which has addresses of this one or of another peer";
    private static final String TOP = "uplink: {tun: vireo0, ipv4: 192.0.2.1, ipv6: 2001:db8:f::1, mtu: 9000}";
    private static final String NO_TOP = "network a: there is no uplink";
    private static final String ROUTE = "- {to: 192.168.7.0/24, via: a1}";

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource({"uplinks", "routes", "targets", "peers", "overlaps"})
    void refuses(Rule rule) throws IOException {
        rule.requireRefused(Example.ROUTING, folder);
    }

    static Stream<Rule> uplinks() {
        return Stream.of(
                uplink("{ipv4: 192.0.2.1}", "tun: is missing" + TUN),
                uplink("{tun: a/b}", "tun: \"a/b\"" + NO_NAME + TUN),
                uplink("{tun: vireo00000000000}", "tun: \"vireo00000000000\"" + NO_NAME + TUN),
                uplink("{tun: \"vireo%d\"}", "tun: \"vireo%d\"" + NO_NAME + TUN),
                uplink(
                        "{tun: t, ipv4: 192.0.2.1/24}",
                        "ipv4: \"192.0.2.1/24\" is not an IPv4 address: expected a.b.c.d" + IPV4),
                uplink("{tun: t, ipv4: 224.0.0.1}", "ipv4: 224.0.0.1 is not a unicast address" + IPV4),
                uplink("{tun: t, ipv4: 0.0.0.0}", "ipv4: 0.0.0.0 is not a unicast address" + IPV4),
                uplink("{tun: t, ipv4: 127.0.0.1}", "ipv4: 127.0.0.1 is not a unicast address" + IPV4),
                uplink(
                        "{tun: t, ipv4: 10.0.0.9}",
                        "ipv4: uplink: its own address 10.0.0.9/32 is inside 10.0.0.0/24 of network a, which has the uplink"
                                + IPV4),
                uplink(
                        "{tun: t, ipv4: 192.168.7.1}",
                        "ipv4: uplink: its own address 192.168.7.1/32 is inside 192.168.7.0/24 of network a, which has the uplink"
                                + IPV4),
                uplink("{tun: t, ipv6: fe80::2}", "ipv6: fe80::2/128 is not a prefix for unicast addresses" + IPV6),
                uplink(
                        "{tun: t, ipv6: 2001:db8:1::9}",
                        "ipv6: uplink: its own address 2001:db8:1::9/128 is inside 2001:db8:1::/48 of network a, which has the uplink"
                                + IPV6),
                uplink("{tun: t, mtu: 1279}", "mtu: 1279 is not within 1280 to 65535" + MTU),
                uplink("{tun: t, name: u}", "name: unknown key; allowed: tun, ipv4, ipv6, mtu"),
                new Rule(
                        TOP,
                        "uplink: vireo0",
                        "FILE:1: uplink: is the text \"vireo0\"; allowed: a mapping of the keys tun, ipv4, ipv6, mtu"),
                new Rule(
                        TOP,
                        "",
                        "FILE:7: networks[0].uplink: " + NO_TOP + UPLINK + "\n" + "FILE:12: networks[0].routes[3].via: "
                                + NO_TOP + VIA),
                new Rule(
                        "    uplink: true",
                        "    uplink: yes",
                        "FILE:7: networks[0].uplink: is the text \"yes\"" + UPLINK));
    }

    private static Rule uplink(String is, String problem) {
        return new Rule(TOP, "uplink: " + is, "FILE:1: uplink." + problem);
    }

    static Stream<Rule> routes() {
        return Stream.of(
                route("{to: 127.0.0.0/24, via: a1}", "to: it is not a prefix that packets are forwarded to" + TO),
                route("{to: 169.254.0.1/32, via: a1}", "to: it is not a prefix that packets are forwarded to" + TO),
                route("{to: \"fe80::/10\", via: a1}", "to: it is not a prefix that packets are forwarded to" + TO),
                route("{via: a1}", "to: is missing" + TO),
                route("{to: 192.168.7.0/24}", "via: is missing" + VIA),
                route("{to: 192.168.7.0/24, via: a1, dev: x}", "dev: unknown key; allowed: to, via"),
                route("192.168.7.0/24", "is the text \"192.168.7.0/24\"; allowed: a mapping of the keys to, via"),
                route(
                        "{to: 192.168.7.1/24, via: a1}",
                        "to: 192.168.7.1/24 has bits set beyond its prefix length: " + "did you mean 192.168.7.0/24?"
                                + TO),
                route(
                        "{to: default, via: a1}",
                        "to: \"default\" is not an IPv4 prefix: " + "expected a.b.c.d/n with n from 0 to 32" + TO),
                route(
                        "{to: \"2001:db8::\", via: a1}",
                        "to: \"2001:db8::\" is not an IPv6 prefix: " + "expected address/n with n from 0 to 128" + TO),
                route("{to: 10.0.0.128/25, via: a1}", "to: it is inside 10.0.0.0/24 of network a" + TO),
                route("{to: 10.0.0.0/24, via: blackhole}", "to: it is inside 10.0.0.0/24 of network a" + TO),
                route("{to: \"2001:db8:1:2::/64\", via: a1}", "to: it is inside 2001:db8:1::/48 of network a" + TO),
                new Rule(
                        "- {to: 198.51.100.0/24, via: blackhole}",
                        "- {to: 192.168.7.0/24, via: blackhole}",
                        "FILE:11: networks[0].routes[2].to: 192.168.7.0/24 is there already, on line 9; allowed: each once"),
                new Rule(
                        "    routes: []",
                        "    routes: [{to: \"2001:db8::/32\", via: c1}]",
                        "FILE:20: networks[2].routes[0].to: the network has no IPv6" + TO),
                new Rule(
                        "    routes: []",
                        "    routes: none",
                        "FILE:20: networks[2].routes: is the text \"none\"; allowed: a list of mappings of the keys to, via"));
    }

    /** @param is instead of the first route, which is on line 9 */
    private static Rule route(String is, String problem) {
        return new Rule(
                ROUTE, "- " + is, "FILE:9: networks[0].routes[0]" + (problem.startsWith("is ") ? ": " : ".") + problem);
    }

    static Stream<Rule> targets() {
        return Stream.of(
                target("a3", "there is no guest a3"),
                target("b1", "guest b1 is of network b"),
                target("Uplink", "there is no guest Uplink"),
                target("\"\"", "guest name \"\" does not match [A-Za-z0-9][A-Za-z0-9._-]{0,62}"),
                target("[a1]", "is a list"),
                target("10.0.0.5", "there is no guest 10.0.0.5"));
    }

    private static Rule target(String via, String problem) {
        return route("{to: 192.168.7.0/24, via: " + via + "}", "via: " + problem + VIA);
    }

    static Stream<Rule> peers() {
        return Stream.of(
                peers("[d]", "[0]: network a: there is no network d to be its peer" + PEERS),
                peers("[a]", "[0]: network a: it cannot be its own peer" + PEERS),
                peers("[b, b]", "[1]: b is there already, on line 13; allowed: each once"),
                peers("b", ": is the text \"b\"" + PEERS),
                peers("[1]", "[0]: is the integer 1, not text (write it in quotes)" + PEERS));
    }

    private static Rule peers(String is, String problem) {
        return new Rule("    peers: [b]", "    peers: " + is, "FILE:13: networks[0].peers" + problem);
    }

    @Test
    void aRouteToTheUplinkIsAnUplinkToo() throws IOException {
        String text = Example.replace(Example.ROUTING, "    routes: []", "    routes: [{to: 0.0.0.0/0, via: uplink}]");

        assertEquals(
                "FILE:20: networks[2].routes[0].via: networks c and a cannot both have the uplink: 10.0.1.0/24 of network c overlaps 10.0.0.0/16 of network a"
                        + UPLINK,
                Example.problems(
                        text.replace("192.168.7.0/24, via: a1", "10.0.0.0/16, via: a1")
                                .replace("[b]", "[]"),
                        folder));
    }

    static Stream<Rule> overlaps() {
        String shared = "10.0.1.0/24 of network c overlaps 10.0.1.0/24 of network b";
        String amongPeersOfA = "FILE:13: networks[0].peers[0]: network a: among it and its peers, " + shared + PEERS;
        return Stream.of(
                new Rule(
                        "    peers: []",
                        "    peers: [c]",
                        "FILE:17: networks[1].peers[0]: network b: among it and its peers, " + shared + PEERS),
                new Rule("    peers: [b]", "    peers: [b, c]", amongPeersOfA),
                new Rule("    routes: []", "    peers: [a]", amongPeersOfA),
                route("{to: 10.0.1.128/25, via: a1}", "to: it is inside 10.0.1.0/24 of network b" + TO),
                route("{to: 10.0.1.0/24, via: uplink}", "to: it is inside 10.0.1.0/24 of network b" + TO),
                new Rule(
                        "    uplink: false",
                        "    uplink: true\n    routes: [{to: 192.168.7.128/25, via: b1}]",
                        "FILE:16: networks[1].uplink: networks b and a cannot both have the uplink: "
                                + "192.168.7.128/25 of network b overlaps 192.168.7.0/24 of network a" + UPLINK),
                new Rule(
                        "    uplink: false",
                        "    routes: [{to: 192.168.7.0/25, via: uplink}]",
                        "FILE:16: networks[1].routes[0].via: networks b and a cannot both have the uplink: "
                                + "192.168.7.0/25 of network b overlaps 192.168.7.0/24 of network a" + UPLINK),
                new Rule(
                        "    routes: []",
                        "    uplink: true\n    ipv6: 2001:db8:2::/48\n"
                                + "    delegation: {prefix: \"2001:db8:7:8000::/49\", length: 56}",
                        "FILE:20: networks[2].uplink: networks c and a cannot both have the uplink: "
                                + "2001:db8:7:8000::/49 of network c overlaps 2001:db8:7::/48 of network a" + UPLINK));
    }

    @Test
    void readsEveryKey() throws Exception {
        RouterConfig router = read(Example.ROUTING).router();

        UplinkConfig uplink = UplinkConfig.of("vireo0")
                .withIpv4(Ipv4Address.parse("192.0.2.1"))
                .withIpv6(Ipv6Address.parse("2001:db8:f::1"))
                .withMtu(9000);
        Routing routing = new Routing(
                true,
                List.of(
                        new StaticRoute.Ipv4(Ipv4Prefix.parse("192.168.7.0/24"), new RouteTarget.Guest("a1")),
                        new StaticRoute.Ipv6(Ipv6Prefix.parse("2001:db8:7::/48"), new RouteTarget.Guest("a2")),
                        new StaticRoute.Ipv4(Ipv4Prefix.parse("198.51.100.0/24"), new RouteTarget.Blackhole()),
                        new StaticRoute.Ipv4(Ipv4Prefix.parse("0.0.0.0/0"), new RouteTarget.Uplink())),
                List.of("b"));
        assertEquals(Optional.of(uplink), router.uplink());
        assertEquals(
                List.of(routing, Routing.NONE, Routing.NONE),
                router.networks().stream().map(NetworkConfig::routing).toList());
    }

    @Test
    void anUplinkIsAnInterfaceWithoutAddressesUnlessItIsSaid() throws Exception {
        String text = Example.replace(Example.ROUTING, TOP, "uplink: {tun: vireo0}");

        assertEquals(Optional.of(UplinkConfig.of("vireo0")), read(text).router().uplink());
    }

    @Test
    void networksWithoutUplinkAndPeersMayHaveTheSameAddresses() throws Exception {
        assertEquals(3, read(Example.ROUTING).router().networks().size());
    }

    @Test
    void bothPeersMayNameEachOther() throws Exception {
        String text = Example.replace(Example.ROUTING, "    peers: []", "    peers: [a]");

        assertEquals(
                List.of("a"), read(text).router().networks().get(1).routing().peers());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0/0", "10.0.0.0/23", "192.168.7.1/32"})
    void aRouteMayBeAroundItsNetworkOrBesideIt(String to) throws Exception {
        String text = Example.replace(Example.ROUTING, "    peers: [b]", "");
        text = Example.replace(text, "- {to: 0.0.0.0/0, via: uplink}", "");

        assertEquals(
                new StaticRoute.Ipv4(Ipv4Prefix.parse(to), new RouteTarget.Blackhole()),
                read(Example.replace(text, ROUTE, "- {to: " + to + ", via: blackhole}"))
                        .router()
                        .networks()
                        .getFirst()
                        .routing()
                        .routes()
                        .getFirst());
    }

    @Test
    void aWrongUplinkHidesNothingAndBlamesNothingElse() throws IOException {
        String text = Example.replace(Example.ROUTING, TOP, "uplink: {ipv4: x}");

        assertEquals(
                "FILE:1: uplink.tun: is missing" + TUN
                        + "\nFILE:1: uplink.ipv4: \"x\" is not an IPv4 address: expected a.b.c.d" + IPV4,
                Example.problems(text, folder));
    }

    @Test
    void aRouteToAGuestThatIsWrongOtherwiseIsNotWrong() throws IOException {
        String text = Example.ROUTING.replace("52:54:00:12:34:01", "53:54:00:12:34:01");

        assertEquals(
                "FILE:22: guests[0].mac: 53:54:00:12:34:01 is a multicast address; allowed: a unicast MAC such as \"52:54:00:12:34:01\", unique, not the gateway's",
                Example.problems(text, folder));
    }

    private ApplianceConfig read(String text) throws Exception {
        return Example.read(text, folder);
    }
}
