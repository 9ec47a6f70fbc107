package io.vireo.virtqueue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class VirtioNetHeaderTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(28).fill((byte) 0xa5);
    private final long address = memory.address() + 8;

    private void assertHolds(String hex) {
        byte[] expected = HexFormat.of().parseHex("a5".repeat(8) + hex.replace(" ", "") + "a5".repeat(8));
        assertArrayEquals(expected, memory.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void writesEachFieldInItsPlace() {
        VirtioNetHeader.writeSegmentation(address, 0x81, 0x4243, 0xf4f5, 0xa622, 0xb710, 0xc801);
        assertHolds("01 81 4342 f5f4 22a6 10b7 01c8");
        assertEquals(VirtioNetHeader.F_NEEDS_CSUM, VirtioNetHeader.flags(address));
        assertEquals(VirtioNetHeader.GSO_TCPV4 | VirtioNetHeader.GSO_ECN, VirtioNetHeader.gsoType(address));
        assertEquals(0x4243, VirtioNetHeader.headerLength(address));
        assertEquals(0xf4f5, VirtioNetHeader.gsoSize(address));
        assertEquals(0xa622, VirtioNetHeader.checksumStart(address));
        assertEquals(0xb710, VirtioNetHeader.checksumOffset(address));
        assertEquals(0xc801, VirtioNetHeader.buffers(address));
        assertFalse(VirtioNetHeader.isPlain(address));
    }

    @Test
    void aBegunChecksumSaysNothingOfSegments() {
        VirtioNetHeader.writePartialChecksum(address, 34, 16, 2);
        assertHolds("01 00 0000 0000 2200 1000 0200");
    }

    @Test
    void thePlainHeaderHasBuffersAlone() {
        VirtioNetHeader.writePlain(address, 0x0302);
        assertHolds("00 00 0000 0000 0000 0000 0203");
        assertTrue(VirtioNetHeader.isPlain(address));
    }

    @Test
    void buffersChangeAlone() {
        VirtioNetHeader.writePartialChecksum(address, 34, 6, 0);
        VirtioNetHeader.buffers(address, 0xfffe);
        assertHolds("01 00 0000 0000 2200 0600 feff");
    }

    @Test
    void eitherFlagsOrTypeMakeItLessThanPlain() {
        VirtioNetHeader.writePlain(address, 1);
        HostMemory.putByte(address + VirtioNetHeader.FLAGS_OFFSET, (byte) 2);
        assertFalse(VirtioNetHeader.isPlain(address));
        VirtioNetHeader.writePlain(address, 1);
        HostMemory.putByte(address + VirtioNetHeader.GSO_TYPE_OFFSET, (byte) 1);
        assertFalse(VirtioNetHeader.isPlain(address));
    }
}
