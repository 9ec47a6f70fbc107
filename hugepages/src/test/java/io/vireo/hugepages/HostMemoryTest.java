package io.vireo.hugepages;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.linux.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HostMemoryTest {
    private static final int PAGE = 4096;
    private static final int LONGEST = 400;
    private static final int CANARY = 64;

    @Test
    void copiesEveryLengthFromAndToEveryAlignmentAndNothingBeside() throws Exception {
        byte[] pattern = new byte[PAGE];
        for (int i = 0; i < PAGE; i++) {
            pattern[i] = (byte) (i * 31 + (i >> 8));
        }
        try (SharedMemory memory = SharedMemory.allocate("copy", 2 * PAGE, false)) {
            MemorySegment.copy(pattern, 0, HostMemory.ALL, ValueLayout.JAVA_BYTE, memory.address(), PAGE);
            byte[] expected = new byte[LONGEST + 2 * CANARY];
            for (int length = 0; length <= LONGEST; length++) {
                for (int from = 0; from < Long.BYTES; from++) {
                    for (int to = CANARY; to < CANARY + Long.BYTES; to++) {
                        Arrays.fill(expected, (byte) 0xa5);
                        System.arraycopy(pattern, from, expected, to, length);
                        assertArrayEquals(expected, copied(memory, from, to, length, expected.length));
                    }
                }
            }
        }
    }

    /** What is around the copy, which was all the same before. */
    private static byte[] copied(SharedMemory memory, int from, int to, int length, int around) {
        long destination = memory.address() + PAGE;
        HostMemory.fill(destination, around, (byte) 0xa5);
        HostMemory.copy(memory.address() + from, destination + to, length);
        byte[] bytes = new byte[around];
        MemorySegment.copy(HostMemory.ALL, ValueLayout.JAVA_BYTE, destination, bytes, 0, around);
        return bytes;
    }

    /** A mapping's last page is touched neither behind the source nor behind the destination. */
    @Test
    void readsAndWritesNothingBehindTheEnd() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("end", 2 * PAGE, false)) {
            Memory.truncate(file.fd(), PAGE);
            long end = file.address() + PAGE;
            assertThrows(InternalError.class, () -> HostMemory.getByte(end));
            for (int length = 0; length <= LONGEST; length++) {
                HostMemory.copy(end - length, file.address(), length);
                HostMemory.copy(file.address(), end - length, length);
            }
        }
    }
}
