package io.vireo.router.dataplane;

import io.vireo.protocols.ipv6.Ipv6Address;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;

/** The ways to have one IPv6 frame dropped. */
final class Ipv6Drop {
    private static final Ipv6Address GATEWAY = Frames6.GATEWAY;
    private static final Ipv6Address LINK_LOCAL_GATEWAY = Frames6.LINK_LOCAL_GATEWAY;
    private static final Ipv6Address UNSPECIFIED = Ipv6Address.UNSPECIFIED;
    private static final Ipv6Address MDNS = Ipv6Address.parse("ff02::fb");
    private static final Ipv6Address MLD_ROUTERS = Ipv6Address.parse("ff02::16");
    private static final String OPTIONS = "00010400000000";
    private static final String ROUTER_ALERT = "00050200000100";

    private Ipv6Drop() {}

    private interface Frame {
        byte[] of(Guest a, Guest b);
    }

    private static Drop drop(Counter reason, String why, Frame frame) {
        return new Drop(reason, why, (plane, a, b) -> a.send(frame.of(a, b)));
    }

    static Stream<Drop> all() {
        return Stream.of(ofFormat(), ofSources(), ofDestinations(), ofNeighbourDiscovery(), ofListeners())
                .flatMap(drops -> drops);
    }

    private static Stream<Drop> ofFormat() {
        return Stream.of(
                drop(Counter.TX_DROP_IPV6_MALFORMED, "version 5", (a, b) -> with(a, b, Frames.ETHERNET, 0x5b)),
                drop(
                        Counter.TX_DROP_IPV6_MALFORMED,
                        "half a header",
                        (a, b) -> Arrays.copyOf(Frames6.udp(a, b.ipv6(), 100), Frames6.UPPER - 1)),
                drop(
                        Counter.TX_DROP_IPV6_MALFORMED,
                        "longer than its frame",
                        (a, b) -> with(a, b, Frames6.PAYLOAD_LENGTH, 0, 47)),
                drop(
                        Counter.TX_DROP_IPV6_MALFORMED,
                        "an extension header longer than its packet",
                        (a, b) -> Frames6.behind(Frames6.ROUTING, "ff000000000000", Frames6.udp(a, b.ipv6(), 100))),
                drop(
                        Counter.TX_DROP_IPV6_MALFORMED,
                        "hop-by-hop options that are not first",
                        (a, b) -> Frames6.behind(
                                Frames6.ROUTING,
                                OPTIONS,
                                Frames6.behind(Frames6.HOP_BY_HOP, OPTIONS, Frames6.udp(a, b.ipv6(), 100)))),
                drop(
                        Counter.TX_DROP_IPV6_HEADERS,
                        "an upper layer out of sight",
                        (a, b) -> Frames6.behind(Frames6.ROUTING, "09000000000000", Frames6.udp(a, b.ipv6(), 300))));
    }

    private static Stream<Drop> ofSources() {
        Ipv6Address multicast = Ipv6Address.parse("ff02::5");
        return Stream.of(
                spoofed("another guest's", (a, b) -> Frames6.udp(a, b.ipv6(), b.ipv6(), 100)),
                spoofed("the gateway's", (a, b) -> Frames6.udp(a, GATEWAY, b.ipv6(), 100)),
                spoofed("the gateway's link-local", (a, b) -> Frames6.udp(a, LINK_LOCAL_GATEWAY, MDNS, 100)),
                spoofed("multicast", (a, b) -> Frames6.udp(a, multicast, b.ipv6(), 100)),
                spoofed("loopback", (a, b) -> Frames6.udp(a, Ipv6Address.parse("::1"), b.ipv6(), 100)),
                spoofed("link-local, beyond the link", (a, b) -> Frames6.udp(a, Frames6.linkLocal(a), b.ipv6(), 100)),
                spoofed("unspecified", (a, b) -> Frames6.udp(a, UNSPECIFIED, b.ipv6(), 100)),
                spoofed("unspecified, to a group", (a, b) -> Frames6.udp(a, UNSPECIFIED, MDNS, 100)),
                spoofed("unspecified, for DHCP", (a, b) -> Frames6.dhcp(a, UNSPECIFIED, Frames6.DHCP_SERVERS, 100)),
                spoofed("unspecified, for an echo", (a, b) -> Frames6.echo(a, UNSPECIFIED, GATEWAY, 100)));
    }

    private static Drop spoofed(String whose, Frame frame) {
        return drop(Counter.TX_DROP_SPOOFED_IPV6, whose, frame);
    }

    private static Stream<Drop> ofDestinations() {
        return Stream.of(
                drop(
                        Counter.TX_DROP_FOREIGN_MAC,
                        "IPv6 past the gateway",
                        (a, b) -> toMac(b.mac(), Frames6.udp(a, b.ipv6(), 100))),
                drop(
                        Counter.TX_DROP_BROADCAST,
                        "IPv6 unicast to a group's MAC",
                        (a, b) -> toMac(0x3333_0000_0001L, Frames6.udp(a, b.ipv6(), 100))),
                drop(Counter.TX_DROP_BROADCAST, "a group", (a, b) -> Frames6.udp(a, Frames6.linkLocal(a), MDNS, 100)),
                drop(
                        Counter.TX_DROP_BROADCAST,
                        "an echo request to a group that the gateway is not in",
                        (a, b) -> Frames6.echo(a, a.ipv6(), MDNS, 100)),
                drop(Counter.TX_DROP_NO_ROUTE, "an IPv6 stranger", (a, b) -> Frames6.udp(a, Frames6.STRANGER, 100)),
                drop(
                        Counter.TX_DROP_NO_ROUTE,
                        "a link-local neighbour",
                        (a, b) -> Frames6.udp(a, Frames6.linkLocal(a), Frames6.linkLocal(b), 100)),
                drop(Counter.TX_DROP_NO_ROUTE, "loopback", (a, b) -> Frames6.udp(a, Ipv6Address.parse("::1"), 100)),
                drop(Counter.TX_DROP_NOT_SERVED, "UDP to ::1", (a, b) -> Frames6.udp(a, GATEWAY, 100)),
                drop(
                        Counter.TX_DROP_NOT_SERVED,
                        "an echo behind extension headers",
                        (a, b) -> Frames6.behind(
                                Frames6.DESTINATION_OPTIONS, OPTIONS, Frames6.echo(a, a.ipv6(), GATEWAY, 100))),
                drop(
                        Counter.TX_DROP_NOT_SERVED,
                        "DHCP behind extension headers",
                        (a, b) -> Frames6.behind(
                                Frames6.DESTINATION_OPTIONS, OPTIONS, Frames6.dhcp(a, a.ipv6(), GATEWAY, 100))));
    }

    private static Stream<Drop> ofNeighbourDiscovery() {
        Ipv6Address group = GATEWAY.solicitedNode();
        return Stream.of(
                drop(
                        Counter.TX_DROP_NDP_UNANSWERED,
                        "a neighbour's address",
                        (a, b) -> Frames6.solicitation(a, a.ipv6(), b.ipv6().solicitedNode(), b.ipv6(), true)),
                drop(
                        Counter.TX_DROP_NDP_UNANSWERED,
                        "a probe for its own address",
                        (a, b) -> Frames6.solicitation(a, UNSPECIFIED, a.ipv6().solicitedNode(), a.ipv6(), false)),
                drop(
                        Counter.TX_DROP_NDP_UNANSWERED,
                        "a solicitation for the gateway, to a neighbour",
                        (a, b) -> Frames6.solicitation(a, a.ipv6(), b.ipv6(), GATEWAY, true)),
                drop(
                        Counter.TX_DROP_NDP_MALFORMED,
                        "a hop limit of 254",
                        (a, b) -> hopLimit(254, Frames6.solicitation(a, a.ipv6(), group, GATEWAY, true))),
                drop(
                        Counter.TX_DROP_NDP_MALFORMED,
                        "a wrong checksum",
                        (a, b) -> flipLast(Frames6.solicitation(a, a.ipv6(), group, GATEWAY, true))),
                drop(
                        Counter.TX_DROP_NDP_MALFORMED,
                        "a probe that names a MAC",
                        (a, b) -> Frames6.solicitation(a, UNSPECIFIED, group, GATEWAY, true)),
                drop(Counter.TX_DROP_NDP_MALFORMED, "an option of length 0", (a, b) -> {
                    byte[] frame = Frames6.solicitation(a, a.ipv6(), group, GATEWAY, true);
                    frame[Frames6.UPPER + 25] = 0;
                    return Frames6.sealed(frame, Frames6.UPPER);
                }),
                drop(
                        Counter.TX_DROP_NDP_MALFORMED,
                        "a router solicitation that came from afar",
                        (a, b) -> hopLimit(64, Frames6.routerSolicitation(a, Frames6.linkLocal(a)))),
                drop(
                        Counter.TX_DROP_NDP_MALFORMED,
                        "a router solicitation to a neighbour",
                        (a, b) -> ndp(a, a.ipv6(), b.ipv6(), 133)),
                rogue("a router advertisement", 134),
                rogue("a neighbour advertisement", 136),
                rogue("a redirect", 137),
                drop(
                        Counter.TX_DROP_NDP_ROGUE,
                        "a neighbour advertisement to the gateway",
                        (a, b) -> ndp(a, a.ipv6(), GATEWAY, 136)),
                drop(
                        Counter.TX_DROP_NDP_ROGUE,
                        "a neighbour advertisement to a neighbour",
                        (a, b) -> ndp(a, a.ipv6(), b.ipv6(), 136)));
    }

    private static Drop rogue(String what, int type) {
        return drop(
                Counter.TX_DROP_NDP_ROGUE, what, (a, b) -> ndp(a, Frames6.linkLocal(a), Ipv6Address.ALL_NODES, type));
    }

    private static byte[] ndp(Guest a, Ipv6Address from, Ipv6Address to, int type) {
        byte[] message = Frames6.pattern(24);
        message[0] = (byte) type;
        return Frames6.icmp(a, from, to, 255, message);
    }

    private static Stream<Drop> ofListeners() {
        byte[] report =
                HexFormat.of().parseHex("8f000000" + "00000001" + "04000000" + "ff0200000000000000000001ff000005");
        return Stream.of(
                drop(Counter.TX_DROP_MLD, "a report", (a, b) -> listeners(a, Frames6.linkLocal(a), report)),
                drop(
                        Counter.TX_DROP_MLD,
                        "a report before there is an address",
                        (a, b) -> listeners(a, UNSPECIFIED, report)));
    }

    private static byte[] listeners(Guest a, Ipv6Address from, byte[] report) {
        return Frames6.behind(Frames6.HOP_BY_HOP, ROUTER_ALERT, Frames6.icmp(a, from, MLD_ROUTERS, 1, report));
    }

    private static byte[] with(Guest a, Guest b, int offset, int... bytes) {
        byte[] frame = Frames6.udp(a, b.ipv6(), 100);
        for (int i = 0; i < bytes.length; i++) {
            frame[offset + i] = (byte) bytes[i];
        }
        return frame;
    }

    private static byte[] toMac(long mac, byte[] frame) {
        ByteBuffer.wrap(frame).putShort((short) (mac >>> 32)).putInt((int) mac);
        return frame;
    }

    private static byte[] hopLimit(int hopLimit, byte[] frame) {
        frame[Frames6.HOP_LIMIT] = (byte) hopLimit;
        return frame;
    }

    private static byte[] flipLast(byte[] frame) {
        frame[frame.length - 1] ^= 1;
        return frame;
    }
}
