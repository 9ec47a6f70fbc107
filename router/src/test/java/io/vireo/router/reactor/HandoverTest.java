package io.vireo.router.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.SharedMemory;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.dataplane.Networks;
import io.vireo.router.dataplane.PeerReactor;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HandoverTest {
    private static final int SLOTS = 16;
    private static final int MEMORY = 8192;
    private static final int ALL = 1000;

    private final List<Integer> taken = new ArrayList<>();
    private int wakes;
    private Handover handover;
    private SharedMemory backlog;
    private NetPort port;

    @BeforeEach
    void create() throws Exception {
        handover = new Handover("handover", () -> wakes++, SLOTS, MEMORY);
        backlog = SharedMemory.allocate("backlog", NetPort.backlogSize(1500), false);
        port = new NetPort("guest", Networks.subnet("net"), 2, 3, 1500, backlog.address());
    }

    @AfterEach
    void close() {
        handover.close();
        backlog.close();
    }

    /** Appends a frame that says its number. */
    private boolean append(int number) {
        return append(handover, number, 64);
    }

    private boolean append(Handover to, int number, int bytes) {
        long address = to.append(port, -number, bytes);
        if (address == PeerReactor.FULL) {
            return false;
        }
        HostMemory.putInt(address, number);
        HostMemory.putInt(address + bytes - 4, number);
        return true;
    }

    private boolean take(NetPort to, int hash, long address, int length) {
        int number = HostMemory.getInt(address);
        assertEquals(port, to);
        assertEquals(-number, hash);
        assertEquals(number, HostMemory.getInt(address + length - 4));
        taken.add(number);
        return true;
    }

    private int poll() {
        int done = handover.poll(this::take, ALL);
        handover.release();
        return done;
    }

    @Test
    void showsABatchWhenItIsPublishedAndNotBefore() {
        append(1);
        append(2);
        assertEquals(0, poll());
        assertFalse(handover.isPending());
        assertEquals(0, wakes);
        handover.publish();
        assertTrue(handover.isPending());
        assertEquals(1, wakes);
        assertEquals(2, poll());
        assertEquals(List.of(1, 2), taken);
        assertFalse(handover.isPending());
        handover.publish();
        assertEquals(1, wakes, "for nothing nobody is woken");
    }

    @Test
    void isFullWhenAllSlotsAreTakenUntilTheyAreReleased() {
        for (int i = 0; i < SLOTS; i++) {
            assertTrue(append(i));
        }
        assertFalse(append(99));
        handover.publish();
        assertFalse(append(99));
        handover.poll(this::take, 3);
        assertFalse(append(99), "taken, but not delivered yet");
        handover.release();
        for (int i = 0; i < 3; i++) {
            assertTrue(append(SLOTS + i));
        }
        assertFalse(append(99));
        handover.publish();
        poll();
        assertEquals(SLOTS + 3, taken.size());
        for (int i = 0; i < taken.size(); i++) {
            assertEquals(i, taken.get(i));
        }
    }

    @Test
    void isFullWhenTheMemoryIsTaken() {
        assertTrue(append(handover, 1, MEMORY / 2));
        assertTrue(append(handover, 2, MEMORY / 2));
        assertFalse(append(3));
        handover.publish();
        handover.poll(this::take, 1);
        handover.release();
        assertTrue(append(3));
        handover.publish();
        poll();
        assertEquals(List.of(1, 2, 3), taken);
    }

    @Test
    void refusesAFrameThatIsTooLongForEver() {
        assertFalse(append(handover, 1, MEMORY / 2 + 1));
        handover.publish();
        assertFalse(handover.isPending());
    }

    @Test
    void takesSuperFramesInItsUsualSize() throws Exception {
        Handover usual = new Handover("handover", () -> {});
        try {
            for (int i = 0; i < 30; i++) {
                assertTrue(append(usual, i, 12 + 14 + 65_535));
            }
            usual.publish();
            assertEquals(30, usual.poll(this::take, ALL));
            usual.release();
            for (int i = 0; i < Handover.SLOTS; i++) {
                assertTrue(append(usual, i, 12 + 14 + 1500));
            }
        } finally {
            usual.close();
        }
    }

    @Test
    void offersARefusedFrameAgainInItsPlace() {
        for (int i = 0; i < 5; i++) {
            append(i);
        }
        handover.publish();
        int done =
                handover.poll((to, hash, address, length) -> taken.size() < 2 && take(to, hash, address, length), ALL);
        handover.release();
        assertEquals(2, done);
        assertTrue(handover.isPending());
        assertEquals(0, handover.poll((to, hash, address, length) -> false, ALL));
        handover.release();
        append(5);
        handover.publish();
        assertEquals(4, poll());
        assertEquals(List.of(0, 1, 2, 3, 4, 5), taken);
    }

    @Test
    void offersAgainWhatWasNotReleased() {
        append(1);
        append(2);
        handover.publish();
        handover.poll(this::take, ALL);
        handover.poll(this::take, ALL);
        handover.release();
        handover.release();
        assertEquals(0, poll());
        assertEquals(List.of(1, 2, 1, 2), taken);
    }

    @Test
    void looksAtNoMoreThanItIsAskedTo() {
        for (int i = 0; i < 10; i++) {
            append(i);
        }
        handover.publish();
        assertEquals(4, handover.poll(this::take, 4));
        handover.release();
        assertEquals(4, handover.poll(this::take, 4));
        handover.release();
        assertEquals(2, handover.poll(this::take, 4));
    }

    @Test
    void neverShowsABatchThatWasAbandoned() {
        append(1);
        handover.publish();
        append(2);
        append(3);
        handover.abandon();
        append(4);
        handover.publish();
        assertEquals(2, poll());
        assertEquals(List.of(1, 4), taken);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < SLOTS; i++) {
                assertTrue(append(i), "slots came back");
            }
            assertFalse(append(99));
            handover.abandon();
            assertTrue(append(handover, 0, MEMORY / 2), "and memory");
            handover.abandon();
        }
        assertEquals(0, poll());
        assertFalse(handover.isPending());
    }

    /** An error about lost memory may come between the two steps of publishing. */
    @Test
    void wakesTheReceiverWhenABatchIsAbandoned() {
        append(1);
        handover.publish();
        append(2);
        handover.abandon();
        assertEquals(2, wakes);
        assertEquals(1, poll());
    }

    @Test
    void countsWhatTheReceiverFailedOnAsTakenIfItIsReleased() {
        for (int i = 0; i < 3; i++) {
            append(i);
        }
        handover.publish();
        Handover.Receiver failing = (to, hash, address, length) -> {
            if (HostMemory.getInt(address) == 1) {
                throw new IllegalStateException("no");
            }
            return take(to, hash, address, length);
        };
        assertThrows(IllegalStateException.class, () -> handover.poll(failing, ALL));
        handover.release();
        assertEquals(1, poll());
        assertEquals(List.of(0, 2), taken);
    }

    @Test
    void allocatesNothing() {
        Handover.Receiver receiver = (to, hash, address, length) -> true;
        pass(receiver, 1000);
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        pass(receiver, 10_000);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(bytes < 10_000, bytes + " bytes in 10,000 rounds of 20 frames");
    }

    /** Rounds of more frames than there is room for. */
    private void pass(Handover.Receiver receiver, int rounds) {
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < SLOTS + 4; i++) {
                boolean room = handover.append(port, i, 100) != PeerReactor.FULL;
                assertEquals(i < SLOTS, room);
            }
            handover.publish();
            handover.poll(receiver, ALL);
            handover.release();
        }
    }

    /** The receiver sleeps whenever it finds nothing, as a reactor does, so a wake-up that got lost would end in a time-out. */
    @Test
    void keepsOrderAndContentsBetweenThreadsThatSleep() throws Exception {
        int frames = 500_000;
        Sleeper sleeper = new Sleeper();
        Handover between = new Handover("handover", sleeper::wake, SLOTS, MEMORY);
        FutureTask<Integer> sender = new FutureTask<>(() -> sendAll(between, frames));
        Thread thread = Thread.ofPlatform().daemon().start(sender);
        try {
            int[] next = {0};
            int[] refused = {-1};
            while (next[0] < frames) {
                int done = between.poll(
                        (to, hash, address, length) -> {
                            int number = HostMemory.getInt(address);
                            assertEquals(number, hash);
                            if (number % 1000 == 999 && refused[0] != number) {
                                refused[0] = number;
                                return false;
                            }
                            assertEquals(next[0]++, number);
                            assertEquals(number, HostMemory.getInt(address + length - 4));
                            assertEquals(lengthOf(number), length);
                            return true;
                        },
                        7);
                between.release();
                if (done == 0) {
                    sleeper.sleepUnless(between);
                }
            }
            assertNotEquals(0, sender.get(), "the ring was full now and then");
            assertFalse(between.isPending());
        } finally {
            thread.join();
            between.close();
        }
    }

    private static int lengthOf(int number) {
        return 8 + number * 31 % 1500;
    }

    private int sendAll(Handover to, int frames) {
        int full = 0;
        for (int number = 0; number < frames; number++) {
            long address = to.append(port, number, lengthOf(number));
            while (address == PeerReactor.FULL) {
                full++;
                to.publish();
                Thread.onSpinWait();
                address = to.append(port, number, lengthOf(number));
            }
            HostMemory.putInt(address, number);
            HostMemory.putInt(address + lengthOf(number) - 4, number);
            if (number % 5 == 0) {
                to.publish();
            }
        }
        to.publish();
        return full;
    }

    /** The handshake of a reactor that sleeps. */
    private static final class Sleeper {
        private final Semaphore semaphore = new Semaphore(0);
        private volatile boolean asleep;

        void wake() {
            if (asleep) {
                semaphore.release();
            }
        }

        void sleepUnless(Handover handover) throws InterruptedException {
            asleep = true;
            VarHandle.fullFence();
            if (!handover.isPending()) {
                semaphore.acquire();
            }
            asleep = false;
            semaphore.drainPermits();
        }
    }
}
