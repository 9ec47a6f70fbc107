package io.vireo.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rings over an eventfd, of which 8 bytes can be read each time after somebody signalled. */
@Timeout(10)
class IoUringTest {
    private static final int ENTRIES = 8;
    private static final int MAY_WAIT = 0;
    private static final int LENGTH = Long.BYTES;

    private final EventFd event;
    private final IoUring ring;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate((long) ENTRIES * LENGTH, 8);

    IoUringTest() throws LinuxException {
        event = EventFd.create();
        ring = new IoUring(ENTRIES);
        ring.registerFile(event.fd());
    }

    @AfterEach
    void close() {
        ring.close();
        event.close();
        arena.close();
    }

    @Test
    void aBatchIsCarriedOutInOrderAndCompleteAtOnce() throws Exception {
        ring.enable();
        try (IoVectors vectors = new IoVectors(1)) {
            for (int round = 0; round < 100; round++) {
                memory.setAtIndex(ValueLayout.JAVA_LONG, 0, 5);
                vectors.set(0, memory.address(), LENGTH);
                assertTrue(ring.write(vectors, 0, 1, IoUring.NO_WAIT, 10));
                assertTrue(ring.read(address(1), LENGTH, IoUring.NO_WAIT, 11));
                assertTrue(ring.read(address(2), LENGTH, IoUring.NO_WAIT, 12));
                assertTrue(ring.write(vectors, 0, 1, IoUring.NO_WAIT, 13));
                assertTrue(ring.read(address(3), LENGTH, IoUring.NO_WAIT, 1L << 40));
                assertEquals(5, ring.submit());
                assertCompletion(10, LENGTH);
                assertCompletion(11, LENGTH);
                assertCompletion(12, -Errno.EAGAIN);
                assertCompletion(13, LENGTH);
                assertCompletion(1L << 40, LENGTH);
                assertFalse(ring.next());
                assertEquals(5, memory.getAtIndex(ValueLayout.JAVA_LONG, 1));
                assertEquals(5, memory.getAtIndex(ValueLayout.JAVA_LONG, 3));
            }
        }
    }

    @Test
    void aRegisteredBufferIsReadInto() throws Exception {
        try (Fd file = Memory.memfdCreate("buffer", false)) {
            Memory.truncate(file, 4096);
            long buffer = Memory.map(file, 0, 4096);
            assertTrue(ring.registerBuffer(buffer, 4096));
            ring.enable();
            event.signal();
            ring.read(buffer + 64, LENGTH, IoUring.NO_WAIT, 1);
            ring.read(buffer + 4096, LENGTH, IoUring.NO_WAIT, 2);
            assertEquals(2, ring.submit());
            assertCompletion(1, LENGTH);
            assertCompletion(2, -Errno.EFAULT);
            Memory.unmap(buffer, 4096);
        }
    }

    @Test
    void aFullSubmissionQueueTakesNoMoreUntilItIsSubmitted() throws Exception {
        ring.enable();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < ENTRIES; i++) {
                assertTrue(ring.read(address(i), LENGTH, IoUring.NO_WAIT, i));
            }
            assertFalse(ring.read(address(0), LENGTH, IoUring.NO_WAIT, 99));
            assertFalse(ring.pollIn(99));
            assertFalse(ring.cancelAll(99));
            assertEquals(ENTRIES, ring.submit());
            for (int i = 0; i < ENTRIES; i++) {
                assertCompletion(i, -Errno.EAGAIN);
            }
            assertFalse(ring.next());
        }
    }

    @Test
    void whatIsWithdrawnNeverRuns() throws Exception {
        ring.enable();
        event.signal();
        ring.read(address(0), LENGTH, IoUring.NO_WAIT, 1);
        ring.withdraw();
        assertEquals(0, ring.submit());
        assertFalse(ring.next());
        ring.read(address(1), LENGTH, IoUring.NO_WAIT, 2);
        assertEquals(1, ring.submit());
        assertCompletion(2, LENGTH);
    }

    @Test
    void completionsThatNobodyFetchedAreNotLost() throws Exception {
        ring.enable();
        int requests = 0;
        for (int batch = 0; batch < 5; batch++) {
            for (int i = 0; i < ENTRIES; i++) {
                ring.read(address(i), LENGTH, IoUring.NO_WAIT, requests + i);
            }
            requests += ring.submit();
        }
        assertTrue(requests >= 2 * ENTRIES, "as many as the completion queue holds");
        for (int i = 0; i < requests; i++) {
            while (!ring.next()) {
                assertTrue(ring.hasWork(), "the kernel keeps the others");
                ring.submit();
            }
            assertEquals(i, ring.tag());
        }
        assertFalse(ring.next());
        assertFalse(ring.hasWork());
    }

    @Test
    void aRequestThatWaitsIsCancelledAndTouchesNothingAfterwards() throws Exception {
        ring.enable();
        ring.read(address(0), LENGTH, MAY_WAIT, 1);
        ring.pollIn(2);
        assertEquals(2, ring.submit());
        assertFalse(ring.next());
        ring.cancelAll(3);
        ring.submit();
        int cancelled = 0;
        while (cancelled < 2) {
            if (!ring.next()) {
                ring.await();
            } else if (ring.tag() != 3) {
                assertEquals(-Errno.ECANCELED, ring.result());
                cancelled++;
            }
        }
        event.signal();
        assertEquals(1, event.drain(), "the read is gone");
    }

    @Test
    void aPollCompletesOnceWhenTheFileIsReadable() throws Exception {
        ring.enable();
        for (int i = 0; i < 200; i++) {
            ring.pollIn(i);
            assertEquals(1, ring.submit());
            assertFalse(ring.next());
            assertFalse(ring.hasWork());
            event.signal();
            assertTrue(ring.hasWork(), "seen without a system call");
            event.signal();
            ring.pollIn(1000 + i);
            assertEquals(1, ring.submit());
            assertCompletion(1000 + i, 1);
            assertCompletion(i, 1);
            assertFalse(ring.next());
            assertFalse(ring.hasWork());
            assertEquals(2, event.drain());
        }
    }

    @Test
    void aReadThatMayWaitCompletesLateAndIsWaitedFor() throws Exception {
        ring.enable();
        ring.read(address(0), LENGTH, MAY_WAIT, 1);
        ring.submit();
        assertFalse(ring.next());
        Thread signaller = Thread.ofPlatform().start(event::signal);
        ring.await();
        assertCompletion(1, LENGTH);
        signaller.join();
    }

    @Test
    void nothingRunsForAnybodyButItsThread() throws Exception {
        event.signal();
        ring.read(address(0), LENGTH, IoUring.NO_WAIT, 1);
        assertEquals(0, ring.submit(), "not enabled yet");
        FutureTask<Integer> elsewhere = new FutureTask<>(() -> {
            ring.enable();
            return 0;
        });
        Thread.ofPlatform().start(elsewhere).join();
        assertEquals(0, elsewhere.get());
        ring.read(address(0), LENGTH, IoUring.NO_WAIT, 2);
        assertEquals(0, ring.submit(), "another thread's");
        assertFalse(ring.next());
        assertEquals(1, event.drain(), "what was withdrawn has not run");
    }

    @Test
    void whatTheKernelDoesNotKnowIsAnException() {
        assertEquals(
                Errno.EINVAL,
                assertThrows(LinuxException.class, () -> new IoUring(0)).errno());
    }

    private long address(int slot) {
        return memory.address() + (long) slot * LENGTH;
    }

    private void assertCompletion(long tag, int result) {
        assertTrue(ring.next());
        assertEquals(tag, ring.tag());
        assertEquals(result, ring.result());
    }
}
