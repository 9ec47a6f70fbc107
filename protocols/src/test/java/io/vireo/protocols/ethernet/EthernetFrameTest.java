package io.vireo.protocols.ethernet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class EthernetFrameTest {
    private final EthernetFrame frame = new EthernetFrame();

    @Test
    void readsTheHeader() {
        Golden golden = Golden.of("020000000001 525400123401 86dd");
        assertTrue(frame.tryWrap(golden.segment(), golden.offset(), golden.length()));
        assertEquals(0x020000000001L, frame.destination());
        assertEquals(0x525400123401L, frame.source());
        assertEquals(EtherType.IPV6, frame.etherType());
    }

    @Test
    void writesTheHeaderAndNothingElse() {
        Golden golden = Golden.filler(EthernetFrame.HEADER_LENGTH);
        assertTrue(frame.tryWrap(golden.segment(), golden.offset(), golden.length()));
        frame.destination(EthernetFrame.BROADCAST);
        frame.source(0x525400123401L);
        frame.etherType(EtherType.ARP);
        golden.assertHolds("ffffffffffff 525400123401 0806");
    }

    @Test
    void refusesWhatIsTooShort() {
        Golden golden = Golden.filler(EthernetFrame.HEADER_LENGTH);
        for (int length = 0; length < EthernetFrame.HEADER_LENGTH; length++) {
            assertFalse(frame.tryWrap(golden.segment(), golden.offset(), length));
        }
    }

    @Test
    void refusesWhatLiesOutsideTheSegment() {
        MemorySegment twenty = MemorySegment.ofArray(new byte[20]);
        assertTrue(frame.tryWrap(twenty, 6, 14));
        assertFalse(frame.tryWrap(twenty, 7, 14));
        assertFalse(frame.tryWrap(twenty, -1, 14));
        assertFalse(frame.tryWrap(twenty, Long.MAX_VALUE, 14));
        assertFalse(frame.tryWrap(twenty, 0, Integer.MAX_VALUE));
    }

    @Test
    void keepsItsPlaceWhenItRefuses() {
        Golden golden = Golden.of("020000000001 525400123401 0800");
        assertTrue(frame.tryWrap(golden.segment(), golden.offset(), golden.length()));
        assertFalse(frame.tryWrap(golden.segment(), 0, 3));
        assertEquals(EtherType.IPV4, frame.etherType());
    }

    @Test
    void tellsGroupAddressesByTheirFirstBit() {
        assertTrue(EthernetFrame.isMulticast(0x01005e000001L));
        assertTrue(EthernetFrame.isMulticast(0x333300000001L));
        assertTrue(EthernetFrame.isMulticast(EthernetFrame.BROADCAST));
        assertFalse(EthernetFrame.isMulticast(0x020000000001L));
        assertFalse(EthernetFrame.isMulticast(0x00ffffffffffL));
    }
}
