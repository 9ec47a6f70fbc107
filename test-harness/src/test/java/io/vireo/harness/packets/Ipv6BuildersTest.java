package io.vireo.harness.packets;

import static io.vireo.harness.packets.Packets.ip6;
import static io.vireo.harness.packets.Packets.mac;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IcmpV6CommonPacket;
import org.pcap4j.packet.IcmpV6CommonPacket.IpV6NeighborDiscoveryOption;
import org.pcap4j.packet.IcmpV6EchoReplyPacket;
import org.pcap4j.packet.IcmpV6EchoRequestPacket;
import org.pcap4j.packet.IcmpV6NeighborSolicitationPacket;
import org.pcap4j.packet.IcmpV6RouterSolicitationPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV6ExtHopByHopOptionsPacket;
import org.pcap4j.packet.IpV6NeighborDiscoverySourceLinkLayerAddressOption;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.UdpPacket;
import org.pcap4j.packet.namednumber.EtherType;
import org.pcap4j.packet.namednumber.IcmpV6Type;
import org.pcap4j.packet.namednumber.IpNumber;

/** What the builders of IPv6 packets write, as pcap4j reads it. */
class Ipv6BuildersTest {
    private static final Mac VM = mac("52:54:00:12:34:01");
    private static final Mac GATEWAY = Packets.GATEWAY_MAC;
    private static final Inet6Address VM_IP = ip6("2001:db8:1::5");
    private static final Inet6Address OTHER_IP = ip6("2001:db8:1:1::9");

    @Test
    void addressesAreMadeOfMacs() {
        assertEquals(ip6("fe80::5054:ff:fe12:3401"), Packets.linkLocal(VM));
        assertEquals(ip6("fe80::fdff:ffff:feff:ffff"), Packets.linkLocal(mac("ff:ff:ff:ff:ff:ff")));
        assertEquals("00030001525400123401", Packets.generateDuidLl(VM).hex());
        assertEquals(ip6("ff02::1:ff12:3401"), Packets.solicitedNode(Packets.linkLocal(VM)));
        assertThrows(IllegalArgumentException.class, () -> ip6("::ffff:10.0.0.1"));
        assertThrows(IllegalArgumentException.class, () -> ip6("10.0.0.1"));
        assertThrows(IllegalArgumentException.class, () -> ip6("localhost"));
    }

    @Test
    void routerSolicitationTellsItsSendersMac() throws Exception {
        IpV6Packet packet = readNdp(
                Packets.createRouterSolicitation(VM, Packets.linkLocal(VM)),
                "33:33:00:00:00:02",
                IcmpV6Type.ROUTER_SOLICITATION);
        assertEquals(Packets.linkLocal(VM), packet.getHeader().getSrcAddr());
        assertEquals(ip6("ff02::2"), packet.getHeader().getDstAddr());
        assertTellsMac(
                packet.get(IcmpV6RouterSolicitationPacket.class).getHeader().getOptions());
    }

    @Test
    void routerSolicitationOfNobodyTellsNone() throws Exception {
        IpV6Packet packet = readNdp(
                Packets.createRouterSolicitation(VM, Packets.UNSPECIFIED),
                "33:33:00:00:00:02",
                IcmpV6Type.ROUTER_SOLICITATION);
        assertEquals(ip6("::"), packet.getHeader().getSrcAddr());
        assertEquals(
                List.of(),
                packet.get(IcmpV6RouterSolicitationPacket.class).getHeader().getOptions());
    }

    @Test
    void neighborSolicitationAsksTheTargetsGroup() throws Exception {
        IpV6Packet packet = readNdp(
                Packets.createNeighborSolicitation(VM, VM_IP, ip6("2001:db8:1::ab:cdef")),
                "33:33:ff:ab:cd:ef",
                IcmpV6Type.NEIGHBOR_SOLICITATION);
        assertEquals(VM_IP, packet.getHeader().getSrcAddr());
        assertEquals(ip6("ff02::1:ffab:cdef"), packet.getHeader().getDstAddr());
        IcmpV6NeighborSolicitationPacket message = packet.get(IcmpV6NeighborSolicitationPacket.class);
        assertEquals(ip6("2001:db8:1::ab:cdef"), message.getHeader().getTargetAddress());
        assertTellsMac(message.getHeader().getOptions());
    }

    @Test
    void probeForADuplicateComesFromNobody() throws Exception {
        IpV6Packet packet = readNdp(
                Packets.createNeighborSolicitation(VM, Packets.UNSPECIFIED, VM_IP),
                "33:33:ff:00:00:05",
                IcmpV6Type.NEIGHBOR_SOLICITATION);
        assertEquals(ip6("::"), packet.getHeader().getSrcAddr());
        assertEquals(
                List.of(),
                packet.get(IcmpV6NeighborSolicitationPacket.class).getHeader().getOptions());
    }

    @Test
    void neighborSolicitationMayGoToOneStation() throws Exception {
        IpV6Packet packet = readNdp(
                Packets.createNeighborSolicitation(VM, GATEWAY, VM_IP, ip6("fe80::1"), ip6("fe80::1")),
                GATEWAY.toString(),
                IcmpV6Type.NEIGHBOR_SOLICITATION);
        assertEquals(ip6("fe80::1"), packet.getHeader().getDstAddr());
    }

    @Test
    void echoRequestCarriesIdentifierSequenceAndPayload() throws Exception {
        byte[] payload = {1, 2, 3};
        IpV6Packet packet = read(
                Packets.createIcmpv6EchoRequest(VM, GATEWAY, VM_IP, OTHER_IP, 0xFEDC, 0x8001, payload),
                GATEWAY.toString(),
                64);
        assertIcmp(packet, IcmpV6Type.ECHO_REQUEST);
        IcmpV6EchoRequestPacket echo = packet.get(IcmpV6EchoRequestPacket.class);
        assertEquals(0xFEDC, echo.getHeader().getIdentifierAsInt());
        assertEquals(0x8001, echo.getHeader().getSequenceNumberAsInt());
        assertArrayEquals(payload, echo.getPayload().getRawData());
    }

    @Test
    void echoReplyReturnsWhatWasAsked() throws Exception {
        byte[] request = Packets.createIcmpv6EchoRequest(GATEWAY, VM, OTHER_IP, VM_IP, 7);
        IpV6Packet packet = read(Packets.createIcmpv6EchoReply(request).orElseThrow(), GATEWAY.toString(), 64);
        assertIcmp(packet, IcmpV6Type.ECHO_REPLY);
        assertEquals(VM_IP, packet.getHeader().getSrcAddr());
        assertEquals(OTHER_IP, packet.getHeader().getDstAddr());
        IcmpV6EchoReplyPacket echo = packet.get(IcmpV6EchoReplyPacket.class);
        assertEquals(7, echo.getHeader().getSequenceNumberAsInt());
        assertEquals(56, echo.getPayload().length());
        assertTrue(Packets.createIcmpv6EchoReply(new byte[100]).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 1451, 1452})
    void udpDatagramOfAnyLengthHasAChecksum(int length) throws Exception {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 0xA5);
        byte[] frame = Packets.createUdp(VM, GATEWAY, VM_IP, OTHER_IP, 65535, 53, payload, 2);
        UdpPacket udp = read(frame, GATEWAY.toString(), 2).get(UdpPacket.class);
        assertTrue(udp.hasValidChecksum(VM_IP, OTHER_IP, false));
        assertEquals(8 + length, udp.getHeader().getLengthAsInt());
        assertEquals(
                new UdpDatagram(VM_IP, OTHER_IP, 2, 65535, 53, Octets.of(payload)),
                Packets.parseUdp(frame).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8})
    void extensionHeadersAreChainedInFrontOfThePayload(int pad) throws Exception {
        byte[] header = new byte[8 + pad];
        header[1] = (byte) (pad / 8);
        header[2] = 1; // PadN over all the rest
        header[3] = (byte) (4 + pad);
        byte[] echo = Packets.createIcmpv6EchoRequest(VM, GATEWAY, VM_IP, OTHER_IP, 1);
        byte[] frame = RawPackets.insertExtensionHeader(
                RawPackets.insertExtensionHeader(echo, RawPackets.DESTINATION_OPTIONS, header),
                RawPackets.HOP_BY_HOP,
                header);
        IpV6Packet packet = read(frame, GATEWAY.toString(), 64);
        assertEquals(IpNumber.IPV6_HOPOPT, packet.getHeader().getNextHeader());
        assertEquals(
                IpNumber.IPV6_DST_OPTS,
                packet.get(IpV6ExtHopByHopOptionsPacket.class).getHeader().getNextHeader());
        assertIcmp(packet, IcmpV6Type.ECHO_REQUEST);
        assertTrue(Packets.createIcmpv6EchoReply(frame).isEmpty(), "as no parser follows the chain");
    }

    private static void assertTellsMac(List<IpV6NeighborDiscoveryOption> options) {
        assertEquals(1, options.size());
        IpV6NeighborDiscoverySourceLinkLayerAddressOption option =
                (IpV6NeighborDiscoverySourceLinkLayerAddressOption) options.getFirst();
        assertEquals(VM.toString(), option.getLinkLayerAddressAsMacAddress().toString());
    }

    private static IpV6Packet readNdp(byte[] frame, String dst, IcmpV6Type type) throws IllegalRawDataException {
        IpV6Packet packet = read(frame, dst, 255);
        assertEquals(IpNumber.ICMPV6, packet.getHeader().getNextHeader());
        assertIcmp(packet, type);
        return packet;
    }

    private static void assertIcmp(IpV6Packet packet, IcmpV6Type type) {
        IcmpV6CommonPacket icmp = packet.get(IcmpV6CommonPacket.class);
        assertTrue(icmp.hasValidChecksum(
                packet.getHeader().getSrcAddr(), packet.getHeader().getDstAddr(), false));
        assertEquals(type, icmp.getHeader().getType());
        assertEquals((byte) 0, icmp.getHeader().getCode().value().byteValue());
    }

    private static IpV6Packet read(byte[] frame, String dst, int hopLimit) throws IllegalRawDataException {
        assertArrayEquals(new byte[12], Arrays.copyOf(frame, 12));
        EthernetPacket ethernet = EthernetPacket.newPacket(frame, 12, frame.length - 12);
        assertEquals(VM.toString(), ethernet.getHeader().getSrcAddr().toString());
        assertEquals(dst, ethernet.getHeader().getDstAddr().toString());
        assertEquals(EtherType.IPV6, ethernet.getHeader().getType());
        IpV6Packet packet = ethernet.get(IpV6Packet.class);
        assertEquals(hopLimit, packet.getHeader().getHopLimitAsInt());
        assertEquals(frame.length - 66, packet.getHeader().getPayloadLengthAsInt());
        return packet;
    }
}
