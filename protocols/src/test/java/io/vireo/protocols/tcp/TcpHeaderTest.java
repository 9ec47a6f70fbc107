package io.vireo.protocols.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class TcpHeaderTest {
    private static final String HEADER = "a001 1451 fffffffe 01020304 6099 1000 beef 0000 020405b4";

    private final TcpHeader header = new TcpHeader();

    @Test
    void readsTheHeader() {
        Golden golden = Golden.of(HEADER);
        assertTrue(header.tryWrap(golden.segment(), golden.offset(), golden.length()));
        assertEquals(0xa001, header.sourcePort());
        assertEquals(0x1451, header.destinationPort());
        assertEquals(-2, header.sequence());
        assertEquals(24, header.headerLength());
        assertEquals(TcpHeader.CWR | TcpHeader.PSH | TcpHeader.FIN | 0x10, header.flags());
        assertEquals(0xbeef, header.checksum());
    }

    @Test
    void rewritesSequenceAndFlagsAlone() {
        Golden golden = Golden.of(HEADER);
        TcpHeader.rewrite(golden.segment(), golden.offset(), 7, 0x10);
        golden.assertHolds("a001 1451 00000007 01020304 6010 1000 beef 0000 020405b4");
    }

    @Test
    void refusesAHeaderThatIsNotThereInWhole() {
        MemorySegment heap = MemorySegment.ofArray(Golden.bytes(HEADER));
        assertTrue(header.tryWrap(heap, 0, 24));
        assertFalse(header.tryWrap(heap, 0, 23), "options cut off");
        assertFalse(header.tryWrap(heap, 0, 19));
        assertFalse(header.tryWrap(heap, 1, 24));
        assertFalse(header.tryWrap(heap, 0, -1));
    }

    @Test
    void refusesADataOffsetBelowFive() {
        byte[] bytes = Golden.bytes(HEADER);
        for (int words = 0; words < 5; words++) {
            bytes[12] = (byte) (words << 4);
            assertFalse(header.tryWrap(MemorySegment.ofArray(bytes), 0, bytes.length), words + " words");
        }
    }
}
