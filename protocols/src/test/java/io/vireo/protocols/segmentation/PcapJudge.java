package io.vireo.protocols.segmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.Packet;
import org.pcap4j.packet.TcpPacket;
import org.pcap4j.packet.UdpPacket;

/** What pcap4j thinks of a frame. */
final class PcapJudge {
    private PcapJudge() {}

    /** Asserts that every length and checksum of the frame is right, and returns its TCP or UDP packet. */
    static Packet transport(byte[] frame, boolean ipv6) throws IllegalRawDataException, UnknownHostException {
        Packet ip = EthernetPacket.newPacket(frame, 0, frame.length).getPayload();
        assertEquals(frame.length - 14, ip.length());
        if (ipv6) {
            assertEquals(frame.length - 54, ((IpV6Packet) ip).getHeader().getPayloadLengthAsInt());
        } else {
            IpV4Packet.IpV4Header header = ((IpV4Packet) ip).getHeader();
            assertEquals(frame.length - 14, header.getTotalLengthAsInt());
            assertTrue(header.hasValidChecksum(false), "header checksum");
        }
        InetAddress from = address(ipv6 ? SuperFrame.IPV6_SOURCE : SuperFrame.IPV4_SOURCE);
        InetAddress to = address(ipv6 ? SuperFrame.IPV6_DESTINATION : SuperFrame.IPV4_DESTINATION);
        Packet transport = ip.getPayload();
        if (transport instanceof TcpPacket tcp) {
            assertTrue(tcp.hasValidChecksum(from, to, false), "TCP checksum");
        } else {
            UdpPacket udp = (UdpPacket) transport;
            assertEquals(udp.length(), udp.getHeader().getLengthAsInt());
            assertTrue(udp.hasValidChecksum(from, to, false), "UDP checksum");
        }
        return transport;
    }

    private static InetAddress address(String hex) throws UnknownHostException {
        return InetAddress.getByAddress(Golden.bytes(hex));
    }
}
