package io.vireo.harness.packets;

import static io.vireo.harness.packets.Packets.ip;
import static io.vireo.harness.packets.Packets.mac;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet4Address;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcap4j.packet.ArpPacket;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IcmpV4CommonPacket;
import org.pcap4j.packet.IcmpV4EchoPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.UdpPacket;
import org.pcap4j.packet.namednumber.ArpOperation;
import org.pcap4j.packet.namednumber.EtherType;
import org.pcap4j.packet.namednumber.IcmpV4Type;
import org.pcap4j.packet.namednumber.IpNumber;
import org.pcap4j.util.MacAddress;

/** What the builders write, as pcap4j reads it. */
class PacketBuildersTest {
    private static final Mac VM = mac("52:54:00:12:34:01");
    private static final Mac GATEWAY = mac("02:00:00:00:00:01");
    private static final Inet4Address VM_IP = ip("10.0.0.5");
    private static final Inet4Address OTHER_IP = ip("10.0.0.9");

    @Test
    void arpRequestAsksEveryoneForTheTarget() throws Exception {
        EthernetPacket frame = read(Packets.createArpRequest(VM, VM_IP, ip("169.254.0.1")), "ff:ff:ff:ff:ff:ff");
        assertEquals(EtherType.ARP, frame.getHeader().getType());
        ArpPacket.ArpHeader arp = frame.get(ArpPacket.class).getHeader();
        assertEquals(ArpOperation.REQUEST, arp.getOperation());
        assertEquals(VM.toString(), arp.getSrcHardwareAddr().toString());
        assertEquals(VM_IP, arp.getSrcProtocolAddr());
        assertEquals(MacAddress.getByName("00:00:00:00:00:00"), arp.getDstHardwareAddr());
        assertEquals(ip("169.254.0.1"), arp.getDstProtocolAddr());
    }

    @Test
    void echoRequestCarriesIdentifierSequenceAndPayload() throws Exception {
        byte[] payload = {1, 2, 3};
        IpV4Packet packet = readIpv4(
                Packets.createIcmpEchoRequest(VM, GATEWAY, VM_IP, OTHER_IP, 0xFEDC, 0x8001, payload),
                GATEWAY.toString(),
                64);
        assertEquals(VM_IP, packet.getHeader().getSrcAddr());
        assertEquals(OTHER_IP, packet.getHeader().getDstAddr());
        IcmpV4CommonPacket icmp = packet.get(IcmpV4CommonPacket.class);
        assertTrue(icmp.hasValidChecksum(false));
        assertEquals(IcmpV4Type.ECHO, icmp.getHeader().getType());
        IcmpV4EchoPacket echo = packet.get(IcmpV4EchoPacket.class);
        assertEquals(0xFEDC, echo.getHeader().getIdentifierAsInt());
        assertEquals(0x8001, echo.getHeader().getSequenceNumberAsInt());
        assertArrayEquals(payload, echo.getPayload().getRawData());
    }

    @Test
    void echoRequestIsAsLongAsPings() throws Exception {
        IpV4Packet packet =
                readIpv4(Packets.createIcmpEchoRequest(VM, GATEWAY, VM_IP, OTHER_IP, 1), GATEWAY.toString(), 64);
        assertEquals(84, packet.length());
        assertTrue(packet.get(IcmpV4CommonPacket.class).hasValidChecksum(false));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 1471, 1472})
    void udpDatagramOfAnyLengthHasAChecksum(int length) throws Exception {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 0xA5);
        IpV4Packet packet =
                readIpv4(Packets.createUdp(VM, GATEWAY, VM_IP, OTHER_IP, 65535, 53, payload, 2), GATEWAY.toString(), 2);
        UdpPacket udp = packet.get(UdpPacket.class);
        assertTrue(udp.hasValidChecksum(VM_IP, OTHER_IP, false));
        assertEquals(65535, udp.getHeader().getSrcPort().valueAsInt());
        assertEquals(53, udp.getHeader().getDstPort().valueAsInt());
        assertEquals(8 + length, udp.getHeader().getLengthAsInt());
        assertArrayEquals(
                payload,
                udp.getPayload() == null ? new byte[0] : udp.getPayload().getRawData());
    }

    @Test
    void udpDatagramMayBeOneThatRoutersFragment() throws Exception {
        byte[] whole = Packets.createUdp(VM, GATEWAY, VM_IP, OTHER_IP, 1, 2, new byte[3], 64);
        assertTrue(readIpv4(whole, GATEWAY.toString(), 64).getHeader().getDontFragmentFlag());
        assertArrayEquals(
                whole,
                RawPackets.createUdp(VM, GATEWAY, VM_IP, OTHER_IP, 1, 2, new byte[3], 64, RawPackets.DO_NOT_FRAGMENT));
        byte[] divisible = RawPackets.createUdp(VM, GATEWAY, VM_IP, OTHER_IP, 1, 2, new byte[3], 64, 0);
        assertFalse(readIpv4(divisible, GATEWAY.toString(), 64).getHeader().getDontFragmentFlag());
    }

    @Test
    void udpChecksumThatComesOutAsZeroIsWrittenAsOnes() throws Exception {
        byte[] frame = Packets.createUdp(VM, GATEWAY, VM_IP, OTHER_IP, 1, 2, new byte[2], 64);
        int checksumAt = 12 + 14 + 20 + 6;
        byte[] complement = {frame[checksumAt], frame[checksumAt + 1]};
        byte[] zeroSum = Packets.createUdp(VM, GATEWAY, VM_IP, OTHER_IP, 1, 2, complement, 64);
        assertArrayEquals(new byte[] {-1, -1}, Arrays.copyOfRange(zeroSum, checksumAt, checksumAt + 2));
    }

    @Test
    void dhcpDiscoverIsTheseBytes() throws Exception {
        byte[] message = readDhcp(Packets.createDhcpDiscover(VM, 0x89ABCDEF));
        assertArrayEquals(bootp("89abcdef", "63825363 350101 3709 790103061a33363a3b ff"), message);
    }

    @Test
    void dhcpRequestNamesTheOfferAndItsServer() throws Exception {
        byte[] message = readDhcp(Packets.createDhcpRequest(VM, 1, VM_IP, ip("169.254.0.1")));
        assertArrayEquals(
                bootp("00000001", "63825363 350103 32040a000005 3604a9fe0001 3709 790103061a33363a3b ff"), message);
    }

    @Test
    void numbersThatTheirFieldCannotHoldAreRefused() {
        assertRefused("ttl 256 ", () -> Packets.createUdp(VM, GATEWAY, VM_IP, OTHER_IP, 1, 2, new byte[0], 256));
        assertRefused("port 65536 ", () -> Packets.createUdp(VM, GATEWAY, VM_IP, OTHER_IP, 65536, 2, new byte[0], 1));
        assertRefused(
                "UDP length 65536 ", () -> Packets.createUdp(VM, GATEWAY, VM_IP, OTHER_IP, 1, 2, new byte[65528], 1));
        assertRefused("sequence -1 ", () -> Packets.createIcmpEchoRequest(VM, GATEWAY, VM_IP, OTHER_IP, -1));
        assertRefused("6 octets", () -> Mac.of(new byte[5]));
        assertThrows(IllegalArgumentException.class, () -> mac("52:54:00:12:34:0g"));
    }

    private static void assertRefused(String why, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message != null && message.contains(why), message);
    }

    /** The frame behind a virtio-net header of zeros, from the VM to {@code dst}. */
    private static EthernetPacket read(byte[] frame, String dst) throws IllegalRawDataException {
        assertArrayEquals(new byte[12], Arrays.copyOf(frame, 12));
        EthernetPacket packet = EthernetPacket.newPacket(frame, 12, frame.length - 12);
        assertEquals(VM.toString(), packet.getHeader().getSrcAddr().toString());
        assertEquals(dst, packet.getHeader().getDstAddr().toString());
        return packet;
    }

    private static IpV4Packet readIpv4(byte[] frame, String dst, int ttl) throws IllegalRawDataException {
        EthernetPacket ethernet = read(frame, dst);
        assertEquals(EtherType.IPV4, ethernet.getHeader().getType());
        IpV4Packet packet = ethernet.get(IpV4Packet.class);
        assertTrue(packet.getHeader().hasValidChecksum(false));
        assertEquals(ttl, packet.getHeader().getTtlAsInt());
        assertEquals(frame.length - 26, packet.getHeader().getTotalLengthAsInt());
        return packet;
    }

    private static byte[] readDhcp(byte[] frame) throws IllegalRawDataException {
        IpV4Packet packet = readIpv4(frame, "ff:ff:ff:ff:ff:ff", 64);
        assertEquals(IpNumber.UDP, packet.getHeader().getProtocol());
        assertEquals(ip("0.0.0.0"), packet.getHeader().getSrcAddr());
        assertEquals(ip("255.255.255.255"), packet.getHeader().getDstAddr());
        UdpPacket udp = packet.get(UdpPacket.class);
        assertTrue(udp.hasValidChecksum(ip("0.0.0.0"), ip("255.255.255.255"), false));
        assertEquals(68, udp.getHeader().getSrcPort().valueAsInt());
        assertEquals(67, udp.getHeader().getDstPort().valueAsInt());
        return udp.getPayload().getRawData();
    }

    /** RFC 2131, figure 1: a request of 300 bytes from the VM that holds nothing but these options. */
    private static byte[] bootp(String xid, String cookieAndOptions) {
        String zerosToChaddr = "00".repeat(4 + 16);
        String zerosToOptions = "00".repeat(10 + 64 + 128);
        byte[] bytes = HexFormat.of()
                .parseHex(("01010600" + xid + zerosToChaddr + "525400123401" + zerosToOptions + cookieAndOptions)
                        .replace(" ", ""));
        return Arrays.copyOf(bytes, 300);
    }
}
