package io.vireo.router.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrameRingTest {
    private static final long MEMORY = 1 << 20;
    private static final int SIZE = 4096;

    private final FrameRing ring = new FrameRing(MEMORY, SIZE);

    @Test
    void putsRecordsBesideEachOtherInWholeCacheLines() {
        assertEquals(MEMORY, ring.allocate(1));
        assertEquals(MEMORY + 64, ring.allocate(64));
        assertEquals(MEMORY + 128, ring.allocate(65));
        assertEquals(MEMORY + 256, ring.allocate(1));
    }

    @Test
    void isFullUntilRecordsAreReleased() {
        ring.allocate(2048);
        long first = ring.end();
        ring.allocate(2048);
        assertEquals(FrameRing.FULL, ring.allocate(1));
        ring.release(first);
        assertEquals(MEMORY, ring.allocate(2048));
        assertEquals(FrameRing.FULL, ring.allocate(1));
    }

    @Test
    void doesNotSplitARecordAtTheEnd() {
        ring.allocate(1024);
        ring.allocate(2048);
        ring.release(ring.end());
        assertEquals(MEMORY, ring.allocate(2048), "1024 bytes are left at the end");
        assertEquals(FrameRing.FULL, ring.allocate(1088));
        assertEquals(MEMORY + 2048, ring.allocate(1024), "and are not lost to a shorter one");
    }

    @Test
    void takesTheLongestRecordWheneverItIsEmpty() {
        for (int before = 64; before <= SIZE / 2; before += 64) {
            ring.allocate(before);
            ring.release(ring.end());
            assertNotEquals(FrameRing.FULL, ring.allocate(ring.longest()));
            assertEquals(FrameRing.FULL, ring.allocate(ring.longest() + 1));
            ring.release(ring.end());
        }
    }

    @Test
    void neverGivesTheSameBytesTwice() {
        record Piece(long start, long end, long mark) {}
        SplittableRandom random = new SplittableRandom(3);
        Deque<Piece> live = new ArrayDeque<>();
        for (int i = 0; i < 100_000; i++) {
            int bytes = 1 + random.nextInt(random.nextInt(10) == 0 ? 2048 : 200);
            long start = ring.allocate(bytes);
            if (start == FrameRing.FULL || live.size() > 50) {
                for (int j = random.nextInt(1 + live.size()); j > 0; j--) {
                    ring.release(live.removeFirst().mark);
                }
            }
            if (start != FrameRing.FULL) {
                long end = start + bytes;
                assertTrue(start >= MEMORY && end <= MEMORY + SIZE);
                for (Piece other : live) {
                    assertTrue(end <= other.start || start >= other.end);
                }
                live.addLast(new Piece(start, end, ring.end()));
            }
        }
    }
}
