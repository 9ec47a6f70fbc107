package io.vireo.protocols.ipv6;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class Ipv6PacketTest {
    private static final String ADDRESSES = "fe800000000000000000000000000001 20010db8000000000000000000000002";
    private static final String PACKET = "6ab12345 0004 11 40" + ADDRESSES + "01020304 ffff";

    private final Ipv6Packet packet = new Ipv6Packet();

    @Test
    void readsTheHeader() {
        Golden golden = Golden.of(PACKET);
        assertTrue(packet.tryWrap(golden.segment(), golden.offset(), golden.length(), golden.length()));
        assertEquals(4, packet.payloadLength());
        assertEquals(44, packet.totalLength());
        assertEquals(17, packet.nextHeader());
        assertEquals(64, packet.hopLimit());
        assertEquals(golden.offset() + 40, packet.payloadOffset());
        assertEquals(4, packet.visiblePayload());
    }

    @Test
    void seesNoMorePayloadThanIsReadable() {
        Golden golden = Golden.of(PACKET);
        assertTrue(packet.tryWrap(golden.segment(), golden.offset(), 42, 44));
        assertEquals(2, packet.visiblePayload());
    }

    @Test
    void refusesWhatIsNoPacket() {
        MemorySegment heap = MemorySegment.ofArray(Golden.bytes(PACKET));
        assertFalse(packet.tryWrap(heap, 0, 39, 46));
        assertFalse(packet.tryWrap(heap, 1, 46, 46));
        assertFalse(packet.tryWrap(heap, 0, 46, 43), "payload longer than the frame");
        heap.set(ValueLayout.JAVA_BYTE, 0, (byte) 0x45);
        assertFalse(packet.tryWrap(heap, 0, 46, 46), "version 4");
    }

    @Test
    void sumsThePseudoHeaderAsIfItStoodInMemory() {
        byte[] pseudoHeader = Golden.bytes(ADDRESSES + "0000fff0 000000 06");
        Golden golden = Golden.of(PACKET);
        assertTrue(packet.tryWrap(golden.segment(), golden.offset(), golden.length(), golden.length()));
        assertEquals(
                InternetChecksum.fold(InternetChecksum.sum(MemorySegment.ofArray(pseudoHeader), 0, 40)),
                InternetChecksum.fold(packet.pseudoHeader(6, 0xfff0)));
    }

    @Test
    void rewritesTheLengthAlone() {
        Golden golden = Golden.of(PACKET);
        Ipv6Packet.rewrite(golden.segment(), golden.offset(), 0x1234);
        golden.assertHolds(PACKET.replace(" 0004 ", " 1234 "));
    }

    private void wrap(Golden golden) {
        assertTrue(packet.tryWrap(golden.segment(), golden.offset(), golden.length(), golden.length()));
    }

    @Test
    void readsTheAddresses() {
        wrap(Golden.of(PACKET));
        assertEquals(Ipv6Address.parse("fe80::1"), new Ipv6Address(packet.sourceHigh(), packet.sourceLow()));
        assertEquals(
                Ipv6Address.parse("2001:db8::2"), new Ipv6Address(packet.destinationHigh(), packet.destinationLow()));
        assertFalse(packet.isSourceUnspecified());
    }

    @Test
    void knowsTheUnspecifiedSource() {
        wrap(Golden.of(PACKET.replaceFirst("fe80", "0000").replaceFirst("0001 ", "0000 ")));
        assertTrue(packet.isSourceUnspecified());
        packet.source(0, 1);
        assertFalse(packet.isSourceUnspecified(), "the loopback address");
    }

    @Test
    void swapsTheAddressesAlone() {
        Golden golden = Golden.of(PACKET);
        wrap(golden);
        packet.swapAddresses();
        golden.assertHolds(
                PACKET.replace(ADDRESSES, "20010db8000000000000000000000002 fe800000000000000000000000000001"));
    }

    @Test
    void writesAddressesAndHopLimitAlone() {
        Golden golden = Golden.of(PACKET);
        wrap(golden);
        packet.source(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
        packet.destination(0x1112131415161718L, 0x191a1b1c1d1e1f20L);
        packet.decrementHopLimit();
        golden.assertHolds("6ab12345 0004 11 3f 0102030405060708090a0b0c0d0e0f10 1112131415161718191a1b1c1d1e1f20"
                + "01020304 ffff");
    }

    @Test
    void writesAWholeHeader() {
        Golden golden = Golden.filler(40);
        Ipv6Packet.writeHeader(
                golden.segment(),
                golden.offset(),
                0x1234,
                58,
                255,
                Ipv6Address.parse("fe80::1"),
                Ipv6Address.parse("2001:db8::2"));
        golden.assertHolds("60000000 1234 3a ff" + ADDRESSES);
    }

    @Test
    void sumsThePseudoHeaderOfAnyPacketAlike() {
        Golden golden = Golden.of(PACKET);
        wrap(golden);
        assertEquals(packet.pseudoHeader(58, 4), Ipv6Packet.pseudoHeader(golden.segment(), golden.offset(), 58, 4));
    }
}
