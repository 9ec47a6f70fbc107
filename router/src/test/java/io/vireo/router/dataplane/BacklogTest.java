package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BacklogTest {
    private static final int LONGEST = 1526;
    private static final int SUPER_FRAME = 12 + 14 + 65_535;
    private static final long GUARD = 64;
    private static final byte UNTOUCHED = (byte) 0xa5;

    private final Arena arena = Arena.ofConfined();
    private final long size = Backlog.memorySize(LONGEST);
    private final long memory = arena.allocate(size + 2 * GUARD, 64).address() + GUARD;
    private final Backlog backlog = new Backlog(memory, LONGEST);

    private record Frame(int length, byte pattern) {}

    @AfterEach
    void free() {
        arena.close();
    }

    private boolean append(Frame frame) {
        long address = backlog.append(frame.length);
        if (address == Backlog.FULL) {
            return false;
        }
        assertTrue(address >= memory && address + frame.length <= memory + size);
        HostMemory.fill(address, frame.length, frame.pattern);
        return true;
    }

    private void assertFirst(Frame frame) {
        assertEquals(frame.length, backlog.firstLength());
        for (int i = 0; i < frame.length; i++) {
            assertEquals(frame.pattern, HostMemory.getByte(backlog.firstAddress() + i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1526, 588, 12 + 14 + 65_535})
    void hasRoomForAtLeast128OfTheLongestFramesAndForSuperFrames(int longest) {
        try (Arena own = Arena.ofConfined()) {
            Backlog other =
                    new Backlog(own.allocate(Backlog.memorySize(longest)).address(), longest);
            for (int i = 0; i < 128; i++) {
                assertTrue(other.append(longest) != Backlog.FULL);
            }
            assertEquals(128, other.size());
        }
        for (int i = 0; i < 7; i++) {
            assertTrue(backlog.append(SUPER_FRAME) != Backlog.FULL);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void keepsFramesOfAllSizesWholeAndInOrderWhereverItsMemoryEnds(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        HostMemory.fill(memory - GUARD, size + 2 * GUARD, UNTOUCHED);
        Deque<Frame> due = new ArrayDeque<>();
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            for (int i = random.nextInt(20); i > 0; i--) {
                int length = 1 + random.nextInt(random.nextInt(4) == 0 ? SUPER_FRAME : LONGEST);
                Frame frame = new Frame(length, (byte) random.nextInt());
                if (append(frame)) {
                    due.add(frame);
                } else {
                    refused++;
                }
            }
            assertEquals(due.size(), backlog.size());
            for (int i = random.nextInt(20); i > 0 && !due.isEmpty(); i--) {
                assertFirst(due.remove());
                backlog.removeFirst();
            }
            assertEquals(due.isEmpty(), backlog.isEmpty());
        }
        assertTrue(refused > 0, "it was never full");
        for (int i = 0; i < GUARD; i++) {
            assertEquals(UNTOUCHED, HostMemory.getByte(memory - 1 - i));
            assertEquals(UNTOUCHED, HostMemory.getByte(memory + size + i));
        }
    }

    @Test
    void refusesFramesLongerThanItsMemory() {
        assertEquals(Backlog.FULL, backlog.append((int) size));
        assertEquals(Backlog.FULL, backlog.append(Integer.MAX_VALUE));
        assertTrue(backlog.isEmpty());
    }

    @Test
    void forgetsWhatWasAppendedSinceAMarkWhereverThatWas() {
        for (int at = 0; at < 2 * size / 4096; at++) {
            backlog.append(4000 - at);
            int end = backlog.end();
            backlog.append(SUPER_FRAME);
            backlog.append(3);
            backlog.truncate(end);
            assertEquals(1, backlog.size());
            assertEquals(4000 - at, backlog.firstLength());
            backlog.append(4);
            backlog.removeFirst();
            assertEquals(4, backlog.firstLength());
            backlog.removeFirst();
            assertTrue(backlog.isEmpty());
        }
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
