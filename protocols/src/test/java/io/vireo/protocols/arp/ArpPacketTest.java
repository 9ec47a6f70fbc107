package io.vireo.protocols.arp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ArpPacketTest {
    private static final String REPLY = "0001 0800 06 04 0002 020000000001 a9fe0001 525400123401 0a000005";

    private final ArpPacket packet = new ArpPacket();

    private boolean wrap(String hex) {
        Golden golden = Golden.of(hex);
        return packet.tryWrap(golden.segment(), golden.offset(), golden.length());
    }

    @Test
    void readsEveryField() {
        assertTrue(wrap(REPLY));
        assertEquals(ArpPacket.REPLY, packet.operation());
        assertEquals(0x020000000001L, packet.senderHardware());
        assertEquals(0xa9fe0001, packet.senderProtocol());
        assertEquals(0x525400123401L, packet.targetHardware());
        assertEquals(0x0a000005, packet.targetProtocol());
    }

    @Test
    void writesEveryFieldAndNothingElse() {
        Golden golden = Golden.of("0001 0800 06 04 a5a5 a5a5a5a5a5a5 a5a5a5a5 a5a5a5a5a5a5 a5a5a5a5");
        assertTrue(packet.tryWrap(golden.segment(), golden.offset(), golden.length()));
        packet.operation(ArpPacket.REPLY);
        packet.senderHardware(0x020000000001L);
        packet.senderProtocol(0xa9fe0001);
        packet.targetHardware(0x525400123401L);
        packet.targetProtocol(0x0a000005);
        golden.assertHolds(REPLY);
    }

    @Test
    void refusesOtherHardwareAndProtocols() {
        assertFalse(wrap(REPLY.replaceFirst("0001", "0006")), "IEEE 802");
        assertFalse(wrap(REPLY.replaceFirst("0800", "86dd")), "IPv6");
        assertFalse(wrap(REPLY.replaceFirst("06 04", "08 04")), "hardware length 8");
        assertFalse(wrap(REPLY.replaceFirst("06 04", "06 10")), "protocol length 16");
    }

    @Test
    void refusesEveryTruncatedPacket() {
        byte[] bytes = Golden.bytes(REPLY);
        MemorySegment heap = MemorySegment.ofArray(bytes);
        for (int length = 0; length < bytes.length; length++) {
            assertFalse(packet.tryWrap(heap, 0, length));
        }
        assertFalse(packet.tryWrap(heap, 1, bytes.length));
    }
}
