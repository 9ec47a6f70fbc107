package io.vireo.harness;

import static io.vireo.harness.TestGuest.GATEWAY;
import static io.vireo.harness.TestGuest.GATEWAY_MAC;
import static io.vireo.harness.TestGuest.TTL;

import io.vireo.harness.packets.DhcpBuilder;
import io.vireo.harness.packets.Dhcpv6Builder;
import io.vireo.harness.packets.Dhcpv6Ia;
import io.vireo.harness.packets.Dhcpv6MessageType;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import io.vireo.harness.packets.RawPackets;
import io.vireo.harness.packets.TcpSegment;
import io.vireo.router.dataplane.Counter;
import java.net.Inet6Address;
import java.util.List;
import java.util.function.BiFunction;

/** A well-formed frame of each kind that the router reads, for tests that make something else of it. */
@SuppressWarnings("ImmutableEnumChecker") // its lists cannot be changed, and its functions have no state
enum FrameKind {
    ARP(List.of(Counter.ARP_ANSWERED), (a, b) -> Packets.createArpRequest(a.mac, a.ip, GATEWAY)),
    ECHO(List.of(Counter.ECHO_ANSWERED), (a, b) -> a.echoRequest(GATEWAY, 1, TestGuest.payload(56, 1))),
    ICMP_ERROR(
            List.of(Counter.TX_DROP_NOT_SERVED),
            (a, b) -> RawPackets.createIcmp(a.mac, GATEWAY_MAC, a.ip, GATEWAY, TTL, 3, 1, new byte[60])),
    UDP(List.of(), (a, b) -> a.datagramTo(b, TestGuest.payload(40, 2))),
    TCP(
            List.of(),
            (a, b) -> new TcpSegment(a.mac, GATEWAY_MAC, a.ip, b.ip, TTL, 1, 1, TestGuest.payload(40, 3)).frame()),
    UNREACHABLE(
            List.of(Counter.ICMP_ERRORS, Counter.ICMP_ERRORS_LIMITED),
            (a, b) -> Packets.createUdp(
                    a.mac, GATEWAY_MAC, a.ip, Packets.ip("10.0.0.200"), 1, 2, TestGuest.payload(40, 4), TTL)),
    DHCP_DISCOVER(
            List.of(Counter.PUNTED, Counter.TX_DROP_PUNT_FULL), (a, b) -> Packets.createDhcpDiscover(a.mac, 0x7001)),
    DHCP_REQUEST(
            List.of(Counter.PUNTED, Counter.TX_DROP_PUNT_FULL),
            (a, b) -> Packets.createDhcpRequest(a.mac, 0x7002, a.ip, GATEWAY)),
    DHCP_INFORM(
            List.of(Counter.PUNTED, Counter.TX_DROP_PUNT_FULL),
            (a, b) -> DhcpBuilder.inform(a.mac, 0x7003, a.ip).frame()),
    DHCPV6_SOLICIT(
            List.of(Counter.PUNTED, Counter.TX_DROP_PUNT_FULL),
            (a, b) -> Packets.createDhcpv6Solicit(a.mac, GuestIpv6.duid(a))),
    DHCPV6_RAPID(
            List.of(Counter.PUNTED, Counter.TX_DROP_PUNT_FULL),
            (a, b) -> Dhcpv6Builder.of(Dhcpv6MessageType.SOLICIT, a.mac)
                    .clientId(GuestIpv6.duid(a))
                    .rapidCommit()
                    .optionRequest(23, 24, 56)
                    .iaNa(Dhcpv6Ia.of(1))
                    .iaPd(Dhcpv6Ia.of(2))
                    .frame()),
    ROUTER_SOLICITATION(
            List.of(Counter.PUNTED, Counter.TX_DROP_PUNT_FULL),
            (a, b) -> Packets.createRouterSolicitation(a.mac, GuestIpv6.linkLocal(a))),
    NEIGHBOR_SOLICITATION(
            List.of(Counter.NDP_ANSWERED),
            (a, b) ->
                    Packets.createNeighborSolicitation(a.mac, GuestIpv6.linkLocal(a), Packets.GATEWAY_IPV6_LINK_LOCAL)),
    ECHO6(
            List.of(Counter.ECHO_ANSWERED),
            (a, b) -> GuestIpv6.echoRequest(
                    a, GuestIpv6.linkLocal(a), Packets.GATEWAY_IPV6_LINK_LOCAL, 1, TestGuest.payload(56, 5))),
    UDP6(List.of(), (a, b) -> udp6(a, b, TestGuest.payload(40, 6))),
    UNREACHABLE6(
            List.of(Counter.ICMP_ERRORS, Counter.ICMP_ERRORS_LIMITED),
            (a, b) -> Packets.createUdp(
                    a.mac,
                    GATEWAY_MAC,
                    global(a),
                    Packets.ip6("2001:db8:ffff::1"),
                    1,
                    2,
                    TestGuest.payload(40, 7),
                    TTL)),
    EXTENSION_HEADERS(
            List.of(),
            (a, b) -> RawPackets.insertExtensionHeader(
                    udp6(a, b, TestGuest.payload(40, 8)),
                    RawPackets.DESTINATION_OPTIONS,
                    new byte[] {0, 1, 1, 4, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0})),
    FRAGMENT6(
            List.of(),
            (a, b) -> RawPackets.insertExtensionHeader(
                    udp6(a, b, TestGuest.payload(48, 9)), RawPackets.FRAGMENT, new byte[] {0, 0, 0, 1, 0, 0, 0, 7})),
    MULTICAST_LISTENER(
            List.of(Counter.TX_DROP_MLD),
            (a, b) -> RawPackets.insertExtensionHeader(
                    RawPackets.createIcmpv6(
                            a.mac,
                            Mac.multicast(Packets.ip6("ff02::16")),
                            GuestIpv6.linkLocal(a),
                            Packets.ip6("ff02::16"),
                            1,
                            143,
                            0,
                            new byte[24]),
                    RawPackets.HOP_BY_HOP,
                    new byte[] {0, 0, 5, 2, 0, 0, 1, 0}));

    /** What counts it, one or the other; none if it goes to the other guest. */
    final List<Counter> counted;

    private final BiFunction<TestGuest, TestGuest, byte[]> frame;

    FrameKind(List<Counter> counted, BiFunction<TestGuest, TestGuest, byte[]> frame) {
        this.counted = counted;
        this.frame = frame;
    }

    /** @param to whom it is for, unless it is for the gateway */
    byte[] frame(TestGuest from, TestGuest to) {
        return frame.apply(from, to);
    }

    static byte[] udp6(TestGuest from, TestGuest to, byte[] payload) {
        return Packets.createUdp(from.mac, GATEWAY_MAC, global(from), global(to), 1, 2, payload, TTL);
    }

    /** The address that a guest of {@link TestRouter} has in its /64: 10.0.0.5's are in 2001:db8:1:5::/64. */
    static Inet6Address global(TestGuest guest) {
        int host = guest.ip.getAddress()[3];
        return Packets.ip6("2001:db8:1:%x::%x".formatted(host, host));
    }
}
