package io.vireo.protocols.ndp;

import static io.vireo.protocols.icmpv6.Icmpv6Frames.ALL_NODES;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.GATEWAY;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.GUEST;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.icmpv6.Icmpv6Frames;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.IcmpV6CommonPacket.IpV6NeighborDiscoveryOption;
import org.pcap4j.packet.IcmpV6RouterAdvertisementPacket;
import org.pcap4j.packet.IcmpV6RouterAdvertisementPacket.IcmpV6RouterAdvertisementHeader;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV6NeighborDiscoveryMtuOption;
import org.pcap4j.packet.IpV6NeighborDiscoveryPrefixInformationOption;
import org.pcap4j.packet.IpV6NeighborDiscoverySourceLinkLayerAddressOption;

class RouterAdvertisementTest {
    private static final MacAddress MAC = MacAddress.parse("52:54:00:12:34:01");
    private static final Ipv6Address LINK_LOCAL = Ipv6Address.parse("fe80::5054:ff:fe12:3401");
    private static final List<Ipv6Address> DNS =
            List.of(Ipv6Address.parse("2001:db8::53"), Ipv6Address.parse("2001:db8:0:1::53"));

    private static RouterAdvertisementConfig config(boolean slaac, List<Ipv6Address> dns, List<String> search) {
        return new RouterAdvertisementConfig(
                1800,
                !slaac,
                true,
                Optional.of(Ipv6Prefix.parse("2001:db8:1:2::/64")),
                slaac,
                172800,
                86400,
                1500,
                dns,
                search,
                600,
                64);
    }

    private static RouterAdvertisementConfig bare() {
        return new RouterAdvertisementConfig(
                0, false, false, Optional.empty(), false, 0, 0, 0, List.of(), List.of(), 0, 0);
    }

    private static IcmpV6RouterAdvertisementHeader judge(byte[] frame) throws IllegalRawDataException {
        return Icmpv6Frames.judge(frame)
                .get(IcmpV6RouterAdvertisementPacket.class)
                .getHeader();
    }

    @Test
    void writesEveryOption() {
        byte[] frame = RouterAdvertisement.build(config(true, DNS, List.of("example.com", "lab")), MAC, LINK_LOCAL);
        String options = "0101 020000000001"
                + "0501 0000 000005dc"
                + "0304 40 40 0002a300 00015180 00000000 20010db8000100020000000000000000"
                + "1905 0000 00000258 20010db8000000000000000000000053 20010db8000000010000000000000053"
                + "1f04 0000 00000258 07 6578616d706c65 03 636f6d 00 03 6c6162 00 000000 000000";
        String message = "8600 0000 40 40 0708 00000000 00000000" + options;
        Golden.of(frame).assertHolds(received(Icmpv6Frames.summed(GATEWAY, GUEST, 255, message)));
    }

    @Test
    void writesNoOptionThatIsNotConfigured() {
        byte[] frame = RouterAdvertisement.build(bare(), MAC, Ipv6Address.ALL_NODES);
        String message = "8600 0000 00 00 0000 00000000 00000000 0101 020000000001";
        Golden.of(frame).assertHolds(received(Icmpv6Frames.summed(GATEWAY, ALL_NODES, 255, message)));
    }

    @Test
    void makesAnAdvertisementAnotherCodecAccepts() throws Exception {
        IcmpV6RouterAdvertisementHeader header =
                judge(RouterAdvertisement.build(config(true, DNS, List.of("example.com")), MAC, LINK_LOCAL));
        assertEquals(64, header.getCurHopLimitAsInt());
        assertFalse(header.getManagedAddressConfigurationFlag());
        assertTrue(header.getOtherConfigurationFlag());
        assertEquals(1800, header.getRouterLifetimeAsInt());
        List<IpV6NeighborDiscoveryOption> options = header.getOptions();
        assertEquals(5, options.size());
        assertEquals(
                "02:00:00:00:00:01",
                ((IpV6NeighborDiscoverySourceLinkLayerAddressOption) options.get(0))
                        .getLinkLayerAddressAsMacAddress()
                        .toString());
        assertEquals(1500, ((IpV6NeighborDiscoveryMtuOption) options.get(1)).getMtuAsLong());
        var prefix = (IpV6NeighborDiscoveryPrefixInformationOption) options.get(2);
        assertEquals(InetAddress.getByName("2001:db8:1:2::"), prefix.getPrefix());
        assertEquals(64, prefix.getPrefixLengthAsInt());
        assertTrue(prefix.getAddressConfigurationFlag());
        assertFalse(prefix.getOnLinkFlag());
        assertEquals(172800, prefix.getValidLifetimeAsLong());
        assertEquals(86400, prefix.getPreferredLifetimeAsLong());
        assertEquals((byte) 25, (byte) options.get(3).getType().value());
        assertEquals((byte) 31, (byte) options.get(4).getType().value());
    }

    @Test
    void asksForDhcpv6InItsOtherMode() throws IllegalRawDataException {
        IcmpV6RouterAdvertisementHeader header =
                judge(RouterAdvertisement.build(config(false, List.of(), List.of()), MAC, LINK_LOCAL));
        assertTrue(header.getManagedAddressConfigurationFlag() && header.getOtherConfigurationFlag());
        var prefix = (IpV6NeighborDiscoveryPrefixInformationOption)
                header.getOptions().get(2);
        assertFalse(prefix.getAddressConfigurationFlag() || prefix.getOnLinkFlag());
    }

    @Test
    void takesBackRouterAndServersWhenItCeases() throws IllegalRawDataException {
        byte[] frame = RouterAdvertisement.build(
                config(true, DNS, List.of("example.com")).ceasing(), MAC, Ipv6Address.ALL_NODES);
        IcmpV6RouterAdvertisementHeader header = judge(frame);
        assertEquals(0, header.getRouterLifetimeAsInt());
        for (IpV6NeighborDiscoveryOption option : header.getOptions().subList(3, 5)) {
            assertArrayEquals(new byte[4], Arrays.copyOfRange(option.getRawData(), 4, 8));
        }
    }

    @Test
    void fillsTheSmallestMtu() {
        Ipv6Address server = Ipv6Address.parse("2001:db8::53");
        RouterAdvertisementConfig most = config(true, Collections.nCopies(73, server), List.of());
        byte[] frame = RouterAdvertisement.build(most, MAC, LINK_LOCAL);
        assertEquals(14 + 1280, frame.length);
        String message = HexFormat.of().formatHex(frame, 54, frame.length);
        assertEquals("1993000000000258" + "20010db8000000000000000000000053".repeat(73), message.substring(2 * 64));
        Golden.of(frame).assertHolds(received(Icmpv6Frames.summed(GATEWAY, GUEST, 255, message)));
    }

    /** A guest's frame turned round. */
    private static String received(String frame) {
        return frame.replaceFirst("020000000001525400123401", "525400123401020000000001");
    }
}
