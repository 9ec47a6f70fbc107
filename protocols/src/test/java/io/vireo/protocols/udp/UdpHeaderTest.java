package io.vireo.protocols.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.UdpPacket;

class UdpHeaderTest {
    private static final int SOURCE = 0xa9fe0001;
    private static final int DESTINATION = 0x0a000005;

    private final UdpHeader header = new UdpHeader();

    @Test
    void readsTheHeader() {
        Golden golden = Golden.of("0044 0043 0118 591f");
        assertTrue(header.tryWrap(golden.segment(), golden.offset(), golden.length()));
        assertEquals(68, header.sourcePort());
        assertEquals(67, header.destinationPort());
        assertEquals(280, header.length());
        assertEquals(0x591f, header.checksum());
    }

    @Test
    void refusesWhatIsNoHeader() {
        Golden golden = Golden.of("0044 0043 0007 0000");
        assertFalse(header.tryWrap(golden.segment(), golden.offset(), golden.length()), "length below 8");
        MemorySegment heap = MemorySegment.ofArray(Golden.bytes("0044 0043 0008 0000"));
        assertTrue(header.tryWrap(heap, 0, 8));
        assertFalse(header.tryWrap(heap, 0, 7));
        assertFalse(header.tryWrap(heap, 1, 8));
        assertFalse(header.tryWrap(heap, 0, -1));
    }

    @Test
    void writesAChecksumAnotherCodecAccepts() throws Exception {
        SplittableRandom random = new SplittableRandom(768);
        InetAddress source = InetAddress.getByAddress(Golden.bytes("a9fe0001"));
        InetAddress destination = InetAddress.getByAddress(Golden.bytes("0a000005"));
        for (int payload = 1; payload < 300; payload++) {
            byte[] datagram = new byte[UdpHeader.LENGTH + payload];
            random.nextBytes(datagram);
            Golden golden = Golden.of(datagram);
            UdpHeader.writeHeader(golden.segment(), golden.offset(), golden.length(), SOURCE, 67, DESTINATION, 68);
            golden.assertMarginsUntouched();
            UdpPacket packet = UdpPacket.newPacket(golden.bytes(), 0, golden.length());
            assertTrue(packet.hasValidChecksum(source, destination, false), payload + " bytes");
            assertEquals(67, packet.getHeader().getSrcPort().valueAsInt());
            assertEquals(golden.length(), packet.getHeader().getLengthAsInt());
            assertTrue(isValid(golden));
        }
    }

    @Test
    void sendsAChecksumOfZeroAsAllOnes() {
        // Addresses, protocol, ports and both lengths; the payload is what they lack to 0xFFFF.
        int sum = 0xa9fe + 0x0001 + 0x0a00 + 0x0005 + 17 + 10 + 67 + 68 + 10;
        int missing = 0xFFFF - ((sum & 0xFFFF) + (sum >>> 16));
        Golden golden = Golden.of("0000 0000 0000 0000 %04x".formatted(missing));
        UdpHeader.writeHeader(golden.segment(), golden.offset(), 10, SOURCE, 67, DESTINATION, 68);
        assertTrue(header.tryWrap(golden.segment(), golden.offset(), golden.length()));
        assertEquals(0xFFFF, header.checksum());
        assertTrue(isValid(golden));
    }

    @Test
    void acceptsNoChecksumButNotAWrongOne() {
        assertTrue(isValid(Golden.of("0044 0043 0008 0000")));
        assertFalse(isValid(Golden.of("0044 0043 0008 0001")));
    }

    @Test
    void demandsAChecksumOverIpv6() throws Exception {
        byte[] bytes = Golden.bytes("60000000 000b 11 40 fe800000000000000000000000000001"
                + "fe8000000000000050540012fffe3401 0000 0000 0000 0000 616263");
        MemorySegment segment = MemorySegment.ofArray(bytes);
        Ipv6Packet packet = new Ipv6Packet();
        assertTrue(packet.tryWrap(segment, 0, bytes.length, bytes.length));
        assertFalse(UdpHeader.hasValidChecksum(segment, 40, 11, packet), "none");
        UdpHeader.writeHeader(segment, 40, 11, packet.pseudoHeader(17, 11), 547, 546);
        assertTrue(UdpHeader.hasValidChecksum(segment, 40, 11, packet));
        IpV6Packet other = IpV6Packet.newPacket(bytes, 0, bytes.length);
        assertTrue(other.get(UdpPacket.class)
                .hasValidChecksum(
                        other.getHeader().getSrcAddr(), other.getHeader().getDstAddr(), false));
        bytes[50]++;
        assertFalse(UdpHeader.hasValidChecksum(segment, 40, 11, packet));
    }

    private static boolean isValid(Golden golden) {
        return UdpHeader.hasValidChecksum(golden.segment(), golden.offset(), golden.length(), SOURCE, DESTINATION);
    }
}
