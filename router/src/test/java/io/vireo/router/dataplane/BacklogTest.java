package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final long MEMORY = 0x10_0000;
    private static final int LONGEST = 1526;
    private static final int SLOT = 1536; // the next multiple of a cache line

    private final Backlog backlog = new Backlog(MEMORY, LONGEST);

    @Test
    void givesEachFrameRoomOfItsOwnInsideItsMemory() {
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; i < Backlog.FRAMES; i++) {
            long address = backlog.append(LONGEST);
            assertEquals(0, (address - MEMORY) % SLOT);
            assertTrue(address >= MEMORY && address + LONGEST <= MEMORY + Backlog.memorySize(LONGEST));
            assertTrue(addresses.add(address));
        }
        assertEquals(Backlog.FULL, backlog.append(1));
        assertEquals(Backlog.FRAMES, backlog.size());
    }

    @Test
    void givesFramesBackInOrder() {
        for (int i = 0; i < 10_000; i++) {
            long first = backlog.append(1 + i % LONGEST);
            long second = backlog.append(2);
            assertEquals(first, backlog.firstAddress());
            assertEquals(1 + i % LONGEST, backlog.firstLength());
            backlog.removeFirst();
            assertEquals(second, backlog.firstAddress());
            assertEquals(2, backlog.firstLength());
            backlog.removeFirst();
            assertTrue(backlog.isEmpty());
        }
    }

    @Test
    void refusesFramesLongerThanItWasMadeFor() {
        assertEquals(Backlog.FULL, backlog.append(SLOT + 1));
        assertEquals(Backlog.FULL, backlog.append(Integer.MAX_VALUE));
        assertTrue(backlog.isEmpty());
    }

    @Test
    void forgetsWhatWasAppendedSinceAMark() {
        backlog.append(1);
        int end = backlog.end();
        backlog.append(2);
        backlog.append(3);
        backlog.truncate(end);
        assertEquals(1, backlog.size());
        assertEquals(1, backlog.firstLength());
        backlog.append(4);
        backlog.removeFirst();
        assertEquals(4, backlog.firstLength());
    }

    @Test
    void isEmptyAfterClear() {
        backlog.append(1);
        assertFalse(backlog.isEmpty());
        backlog.clear();
        assertTrue(backlog.isEmpty());
        assertEquals(0, backlog.size());
    }
}
