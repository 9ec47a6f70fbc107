package io.vireo.harness.packets;

import static io.vireo.harness.packets.Packets.ip6;
import static io.vireo.harness.packets.Packets.mac;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcap4j.packet.IcmpV6NeighborAdvertisementPacket;
import org.pcap4j.packet.IcmpV6RouterAdvertisementPacket;
import org.pcap4j.packet.IpV6NeighborDiscoveryMtuOption;
import org.pcap4j.packet.IpV6NeighborDiscoveryPrefixInformationOption;
import org.pcap4j.packet.IpV6NeighborDiscoveryTargetLinkLayerAddressOption;
import org.pcap4j.packet.UnknownPacket;

/** What the parsers make of advertisements that pcap4j has built, and of bytes that {@link TcpdumpIT} shows to tcpdump. */
class NdpParsersTest {
    private static final int ROUTER_ADVERTISEMENT = 134;
    private static final int NEIGHBOR_ADVERTISEMENT = 136;

    private static final String FIXED = "40" + "c0" + "0708" + "00000000" + "00000000";
    private static final String PREFIX =
            "0304" + "40" + "40" + "00015180" + "0000a8c0" + "00000000" + "20010db8000100010000000000000000";
    private static final String MTU = "0501" + "0000" + "000005dc";
    private static final String RDNSS =
            "1905" + "0000" + "00000258" + "20010db8000000000000000000000053" + "fe800000000000000000000000000001";
    private static final String SEARCH =
            "1f04" + "0000" + "00000384" + "076578616d706c6503636f6d00" + "036c616200" + "000000000000";
    private static final String SOURCE = "0101" + "020000000001";
    static final String ALL_OPTIONS = FIXED + SOURCE + MTU + PREFIX + RDNSS + SEARCH;

    static byte[] routerAdvertisement(String body) {
        return PcapFrames.icmpv6(ROUTER_ADVERTISEMENT, 0, HexFormat.of().parseHex(body));
    }

    @Test
    void routerAdvertisementIsReadWithAllItsOptions() {
        RaResponse expected = new RaResponse(
                ip6("fe80::1"),
                ip6("fe80::5054:ff:fe12:3401"),
                64,
                true,
                true,
                1800,
                0,
                0,
                List.of(new PrefixInfo(ip6("2001:db8:1:1::"), 64, false, true, 86_400, 43_200)),
                OptionalLong.of(1500),
                List.of(ip6("2001:db8::53"), ip6("fe80::1")),
                OptionalLong.of(600),
                List.of("example.com", "lab"),
                OptionalLong.of(900),
                Optional.of(mac("02:00:00:00:00:01")));
        assertEquals(Optional.of(expected), Packets.parseRouterAdvertisement(routerAdvertisement(ALL_OPTIONS)));
    }

    @Test
    void routerAdvertisementThatPcap4jBuiltIsRead() {
        IcmpV6RouterAdvertisementPacket.Builder body = new IcmpV6RouterAdvertisementPacket.Builder()
                .curHopLimit((byte) 255)
                .managedAddressConfigurationFlag(false)
                .otherConfigurationFlag(true)
                .routerLifetime((short) 65535)
                .reachableTime(-1)
                .retransTimer(1000)
                .options(List.of(
                        new IpV6NeighborDiscoveryMtuOption.Builder()
                                .mtu(-1)
                                .correctLengthAtBuild(true)
                                .build(),
                        new IpV6NeighborDiscoveryPrefixInformationOption.Builder()
                                .prefix(ip6("::"))
                                .prefixLength((byte) 0)
                                .onLinkFlag(true)
                                .validLifetime(-1)
                                .preferredLifetime(-1)
                                .correctLengthAtBuild(true)
                                .build()));
        RaResponse response = Packets.parseRouterAdvertisement(
                        PcapFrames.icmpv6(ip6("fe80::1"), Packets.ALL_NODES, 255, ROUTER_ADVERTISEMENT, 0, body))
                .orElseThrow();
        assertEquals(
                new RaResponse(
                        ip6("fe80::1"),
                        Packets.ALL_NODES,
                        255,
                        false,
                        true,
                        65535,
                        0xFFFF_FFFFL,
                        1000,
                        List.of(new PrefixInfo(ip6("::"), 0, true, false, 0xFFFF_FFFFL, 0xFFFF_FFFFL)),
                        OptionalLong.of(0xFFFF_FFFFL),
                        List.of(),
                        OptionalLong.empty(),
                        List.of(),
                        OptionalLong.empty(),
                        Optional.empty()),
                response);
    }

    @ParameterizedTest
    @CsvSource({"true, false, false", "false, true, false", "false, false, true"})
    void neighborAdvertisementIsReadWithItsFlags(boolean router, boolean solicited, boolean override) {
        IcmpV6NeighborAdvertisementPacket.Builder body = new IcmpV6NeighborAdvertisementPacket.Builder()
                .routerFlag(router)
                .solicitedFlag(solicited)
                .overrideFlag(override)
                .targetAddress(ip6("2001:db8:1::1"))
                .options(List.of(new IpV6NeighborDiscoveryTargetLinkLayerAddressOption.Builder()
                        .linkLayerAddress(PcapFrames.GATEWAY.getAddress())
                        .correctLengthAtBuild(true)
                        .build()));
        byte[] frame =
                PcapFrames.icmpv6(PcapFrames.GATEWAY_IPV6, PcapFrames.VM_IPV6, 255, NEIGHBOR_ADVERTISEMENT, 0, body);
        assertEquals(
                Optional.of(new NaResponse(
                        PcapFrames.GATEWAY_IPV6,
                        PcapFrames.VM_IPV6,
                        ip6("2001:db8:1::1"),
                        router,
                        solicited,
                        override,
                        Optional.of(mac("02:00:00:00:00:01")))),
                Packets.parseNeighborAdvertisement(frame));
        Mutations.assertEachFlipIsNoticed(frame, Packets::parseNeighborAdvertisement);
        Mutations.assertCutShortIsNotRead(frame, Packets::parseNeighborAdvertisement);
    }

    @Test
    void solicitedAdvertisementToAGroupIsNotRead() {
        assertTrue(Packets.parseNeighborAdvertisement(neighborAdvertisement("20000000", Packets.ALL_NODES, 255))
                .isPresent());
        assertTrue(Packets.parseNeighborAdvertisement(neighborAdvertisement("60000000", Packets.ALL_NODES, 255))
                .isEmpty());
    }

    @Test
    void advertisementsFromBeyondTheLinkAreNotRead() {
        assertTrue(Packets.parseNeighborAdvertisement(neighborAdvertisement("20000000", Packets.ALL_NODES, 254))
                .isEmpty());
        UnknownPacket.Builder body =
                new UnknownPacket.Builder().rawData(HexFormat.of().parseHex(FIXED));
        assertTrue(Packets.parseRouterAdvertisement(PcapFrames.icmpv6(
                        PcapFrames.GATEWAY_IPV6, Packets.ALL_NODES, 254, ROUTER_ADVERTISEMENT, 0, body))
                .isEmpty());
        assertTrue(Packets.parseRouterAdvertisement(
                        PcapFrames.icmpv6(ip6("2001:db8::1"), Packets.ALL_NODES, 255, ROUTER_ADVERTISEMENT, 0, body))
                .isEmpty());
    }

    private static byte[] neighborAdvertisement(String flags, Inet6Address dst, int hopLimit) {
        byte[] body = HexFormat.of().parseHex(flags + "fe800000000000000000000000000001" + "0201" + "020000000001");
        return PcapFrames.icmpv6(
                PcapFrames.GATEWAY_IPV6,
                dst,
                hopLimit,
                NEIGHBOR_ADVERTISEMENT,
                0,
                new UnknownPacket.Builder().rawData(body));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0100" + "020000000001", // of length 0
                "0102" + "020000000001", // longer than the message
                "0501" + "0001" + "000005dc", // reserved bits
                "0304" + "40" + "40" + "00000001" + "00000002" + "00000000" + "20010db8000100010000000000000000",
                "0304" + "40" + "40" + "00015180" + "0000a8c0" + "00000000" + "20010db8000100018000000000000001",
                "0304" + "81" + "40" + "00015180" + "0000a8c0" + "00000000" + "20010db8000100010000000000000000",
                "1901" + "0000" + "00000258", // no server
                "1902" + "0000" + "00000258" + "fe80000000000000", // half a server
                "1f02" + "0000" + "00000384" + "0000000000000000", // no name
                "1f02" + "0000" + "00000384" + "076578616d706c65", // a name without an end
                "1f03" + "0000" + "00000384" + "036c6162000000000000000000000000", // more padding than it takes
            })
    void malformedOptionsMakeNoAdvertisement(String option) {
        assertTrue(Packets.parseRouterAdvertisement(routerAdvertisement(FIXED + option))
                .isEmpty());
    }

    @Test
    void changedAndCutAdvertisementsAreNotRead() {
        byte[] frame = routerAdvertisement(ALL_OPTIONS);
        Mutations.assertEachFlipIsNoticed(frame, Packets::parseRouterAdvertisement);
        Mutations.assertCutShortIsNotRead(frame, Packets::parseRouterAdvertisement);
    }

    @Test
    void randomOptionsNeverThrow() {
        Random random = new Random(42);
        for (int i = 0; i < 2000; i++) {
            byte[] options = new byte[random.nextInt(64)];
            random.nextBytes(options);
            for (int at = 0; at + 1 < options.length; at += 8) {
                options[at] = new byte[] {1, 3, 5, 25, 31}[random.nextInt(5)];
                options[at + 1] = (byte) random.nextInt(4);
            }
            byte[] frame = routerAdvertisement(FIXED + HexFormat.of().formatHex(options));
            Packets.parseRouterAdvertisement(frame)
                    .ifPresent(response -> assertEquals(1800, response.routerLifetime()));
        }
    }
}
