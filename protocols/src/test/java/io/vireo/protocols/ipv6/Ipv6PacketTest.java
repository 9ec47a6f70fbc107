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
}
