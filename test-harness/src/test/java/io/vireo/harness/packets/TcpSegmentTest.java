package io.vireo.harness.packets;

import static io.vireo.harness.packets.Packets.ip;
import static io.vireo.harness.packets.Packets.ip6;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IpPacket.IpHeader;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.TcpPacket;

/** Segments as pcap4j reads them. */
class TcpSegmentTest {
    private static final Mac VM = Packets.mac("52:54:00:12:34:01");
    private static final int PAYLOAD = 20_001;
    private static final int VIRTIO_NET_HEADER = 12;
    private static final int TCP_CHECKSUM = 16;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void frameIsOneThatOthersRead(boolean isIpv6) throws Exception {
        TcpSegment segment = segment(isIpv6, 1000);
        EthernetPacket packet = read(segment.frame());
        TcpPacket tcp = packet.get(TcpPacket.class);
        assertEquals(0x8000_0001, tcp.getHeader().getSequenceNumber());
        assertTrue(tcp.getHeader().getAck());
        assertTrue(tcp.hasValidChecksum(segment.srcIp(), segment.dstIp(), false));
        assertArrayEquals(segment.payload(), tcp.getPayload().getRawData());
        IpHeader ip = isIpv6
                ? packet.get(IpV6Packet.class).getHeader()
                : packet.get(IpV4Packet.class).getHeader();
        assertEquals(segment.srcIp(), ip.getSrcAddr());
        assertEquals(segment.dstIp(), ip.getDstAddr());
    }

    /** virtio 1.3, 5.1.6: flags, gso_type, hdr_len, gso_size, csum_start, csum_offset, num_buffers. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void superFrameSaysWhatIsLeftToBeDone(boolean isIpv6) {
        TcpSegment segment = segment(isIpv6, PAYLOAD);
        byte[] frame = segment.superFrame(1400);
        String header = isIpv6 ? "01044a007805360010000000" : "010136007805220010000000";
        assertEquals(header, HexFormat.of().formatHex(frame, 0, VIRTIO_NET_HEADER));

        int start = VIRTIO_NET_HEADER + (isIpv6 ? 54 : 34);
        byte[] tcp = Arrays.copyOfRange(frame, start, frame.length);
        int sum = Ip.checksum(ByteBuffer.wrap(tcp));
        tcp[TCP_CHECKSUM] = (byte) (sum >> 8);
        tcp[TCP_CHECKSUM + 1] = (byte) sum;
        byte[] whole = segment.frame();
        assertArrayEquals(Arrays.copyOfRange(whole, start, whole.length), tcp, "it is whole once its card has done it");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void piecesAreAllOfIt(boolean isIpv6) throws Exception {
        TcpSegment segment = segment(isIpv6, PAYLOAD);
        List<TcpSegment> pieces = segment.cut(1400);
        assertEquals(15, pieces.size());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < pieces.size(); i++) {
            TcpPacket tcp = read(pieces.get(i).frame()).get(TcpPacket.class);
            assertEquals(0x8000_0001 + i * 1400, tcp.getHeader().getSequenceNumber());
            all.writeBytes(tcp.getPayload().getRawData());
        }
        assertArrayEquals(segment.payload(), all.toByteArray());
    }

    private static TcpSegment segment(boolean isIpv6, int length) {
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i++) {
            payload[i] = (byte) (i * 31 + (i >> 8));
        }
        InetAddress src = isIpv6 ? ip6("2001:db8::5") : ip("10.0.0.5");
        InetAddress dst = isIpv6 ? ip6("2001:db8::6") : ip("10.0.0.6");
        return new TcpSegment(VM, Packets.GATEWAY_MAC, src, dst, 64, 7, 0x8000_0001, payload);
    }

    private static EthernetPacket read(byte[] frame) throws Exception {
        return EthernetPacket.newPacket(frame, VIRTIO_NET_HEADER, frame.length - VIRTIO_NET_HEADER);
    }
}
