package io.vireo.protocols.ipv4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;

class Ipv4PacketTest {
    /** A widely published example header: 115 bytes of UDP from 192.168.0.1 to 192.168.0.199. */
    private static final String HEADER = "4500 0073 0000 4000 4011 b861 c0a80001 c0a800c7";

    private final Ipv4Packet packet = new Ipv4Packet();

    private boolean wrap(Golden golden, int packetLength) {
        return packet.tryWrap(golden.segment(), golden.offset(), golden.length(), packetLength);
    }

    @Test
    void readsTheHeader() {
        Golden golden = Golden.of(HEADER);
        assertTrue(wrap(golden, 115));
        assertEquals(20, packet.headerLength());
        assertEquals(115, packet.totalLength());
        assertEquals(0, packet.identification());
        assertEquals(64, packet.timeToLive());
        assertEquals(Protocol.UDP, packet.protocol());
        assertEquals(0xb861, packet.headerChecksum());
        assertEquals(0xc0a80001, packet.source());
        assertEquals(0xc0a800c7, packet.destination());
        assertFalse(packet.isFragment());
        assertTrue(packet.hasValidChecksum());
    }

    @Test
    void seesFragmentsByFlagAndByOffset() {
        assertTrue(wrap(Golden.of("4500 0020 1234 2000 4011 0000 0a000001 0a000002"), 32));
        assertEquals(0x1234, packet.identification());
        assertTrue(packet.moreFragments());
        assertTrue(packet.isFragment());
        assertEquals(0, packet.fragmentOffset());

        assertTrue(wrap(Golden.of("4500 0020 1234 1fff 4011 0000 0a000001 0a000002"), 32));
        assertFalse(packet.moreFragments());
        assertTrue(packet.isFragment());
        assertEquals(65_528, packet.fragmentOffset());
    }

    @Test
    void countsOptionsToTheHeader() {
        Golden golden = Golden.of("4600 0020 0000 0000 4001 0000 0a000001 0a000002 94040000 0800f7ff 00000000");
        assertTrue(wrap(golden, 32));
        assertEquals(24, packet.headerLength());
        assertEquals(golden.offset() + 24, packet.payloadOffset());
        assertEquals(8, packet.visiblePayload());
    }

    @Test
    void doesNotCountPaddingToThePayload() {
        Golden golden = Golden.of("4500 0015 0000 0000 4011 0000 0a000001 0a000002 77 a5a5a5a5");
        assertTrue(wrap(golden, 46));
        assertEquals(1, packet.visiblePayload());
    }

    @Test
    void countsOnlyVisiblePayloadOfALongPacket() {
        Golden golden = Golden.of(HEADER + "0102030405");
        assertTrue(wrap(golden, 115));
        assertEquals(5, packet.visiblePayload());
    }

    @Test
    void refusesWhatIsNoPacket() {
        assertFalse(wrap(Golden.of(HEADER.replaceFirst("45", "65")), 115), "version 6");
        assertFalse(wrap(Golden.of(HEADER.replaceFirst("45", "44")), 115), "IHL 4");
        assertFalse(wrap(Golden.of(HEADER.replaceFirst("45", "46")), 115), "options beyond what is visible");
        assertFalse(wrap(Golden.of(HEADER.replaceFirst("0073", "0013")), 115), "total length below the header's");
        assertFalse(wrap(Golden.of(HEADER), 114), "total length beyond the frame's");
    }

    @Test
    void refusesEveryTruncatedHeader() {
        Golden golden = Golden.of(HEADER);
        for (int visible = 0; visible < 20; visible++) {
            assertFalse(packet.tryWrap(golden.segment(), golden.offset(), visible, 115));
        }
        MemorySegment heap = MemorySegment.ofArray(golden.bytes());
        assertFalse(packet.tryWrap(heap, 1, 20, 115));
        assertFalse(packet.tryWrap(heap, -1, 20, 115));
    }

    @Test
    void decrementsTheTimeToLiveAndKeepsTheChecksumRight() {
        Golden golden = Golden.of(HEADER);
        assertTrue(wrap(golden, 115));
        packet.decrementTimeToLive();
        golden.assertHolds("4500 0073 0000 4000 3f11 b961 c0a80001 c0a800c7");
        while (packet.timeToLive() > 1) {
            packet.decrementTimeToLive();
            assertTrue(packet.hasValidChecksum(), "at " + packet.timeToLive());
        }
    }

    @Test
    void keepsAWrongChecksumWrong() {
        Golden golden = Golden.of(HEADER.replace("b861", "b862"));
        assertTrue(wrap(golden, 115));
        assertFalse(packet.hasValidChecksum());
        packet.timeToLive(7);
        assertFalse(packet.hasValidChecksum());
    }

    @Test
    void swapsAddresses() {
        Golden golden = Golden.of(HEADER);
        assertTrue(wrap(golden, 115));
        packet.swapAddresses();
        golden.assertHolds("4500 0073 0000 4000 4011 b861 c0a800c7 c0a80001");
        assertTrue(packet.hasValidChecksum());
    }

    @Test
    void setsAddressesAndNothingElse() {
        Golden golden = Golden.of(HEADER);
        assertTrue(wrap(golden, 115));
        packet.source(0x0a000001);
        packet.destination(0x0a000002);
        golden.assertHolds("4500 0073 0000 4000 4011 b861 0a000001 0a000002");
    }

    @Test
    void writesAHeaderAnotherCodecReads() throws IllegalRawDataException {
        Golden golden = Golden.filler(20);
        Ipv4Packet.writeHeader(golden.segment(), golden.offset(), 20, 64, Protocol.ICMP, 0xa9fe0001, 0x0a000005);
        golden.assertMarginsUntouched();
        IpV4Packet.IpV4Header header =
                IpV4Packet.newPacket(golden.bytes(), 0, 20).getHeader();
        assertTrue(header.hasValidChecksum(false));
        assertEquals(20, header.getTotalLengthAsInt());
        assertEquals(64, header.getTtlAsInt());
        assertTrue(header.getDontFragmentFlag());
        assertEquals("169.254.0.1", address(header.getSrcAddr()));
        assertEquals("10.0.0.5", address(header.getDstAddr()));
    }

    private static String address(Inet4Address address) {
        return address.getHostAddress();
    }
}
