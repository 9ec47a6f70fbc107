package io.vireo.vsock.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.EventFd;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopTest {
    private static final int TIMEOUT_SECONDS = 30;

    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private Loop loop;

    @BeforeEach
    void start() throws Exception {
        loop = new Loop("test", new Loop.Failures() {
            @Override
            public void memoryLost(InternalError error) {
                failures.add(error);
            }

            @Override
            public void taskFailed(Throwable error) {
                failures.add(error);
            }
        });
        loop.start();
    }

    @AfterEach
    void end() {
        loop.close();
    }

    private Task task(Runnable what) {
        return new Task(loop) {
            @Override
            protected void run() {
                what.run();
            }
        };
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(TIMEOUT_SECONDS, TimeUnit.SECONDS));
    }

    /** Returns when all tasks that were ready have had their turn. */
    private void settle() throws InterruptedException {
        CountDownLatch behind = new CountDownLatch(1);
        task(behind::countDown).ready();
        await(behind);
    }

    @Test
    void runsATaskOnceForAllWhoAskedBeforeItRan() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        Task task = task(runs::incrementAndGet);

        loop.call(() -> {
            task.ready();
            task.ready();
            return true;
        });

        settle();
        assertEquals(1, runs.get());
    }

    @Test
    void runsTasksInTheOrderInWhichTheyBecameReady() throws Exception {
        List<Integer> order = new CopyOnWriteArrayList<>();
        loop.call(() -> {
            for (int i = 0; i < 5; i++) {
                int number = i;
                task(() -> order.add(number)).ready();
            }
            return true;
        });

        settle();
        assertEquals(List.of(0, 1, 2, 3, 4), order);
    }

    @Test
    void runsATaskAgainThatBecomesReadyWhileItRuns() throws Exception {
        CountDownLatch runs = new CountDownLatch(1000);
        Task[] self = new Task[1];
        self[0] = task(() -> {
            runs.countDown();
            if (runs.getCount() > 0) {
                self[0].ready();
            }
        });
        self[0].ready();

        await(runs);
    }

    @Test
    void missesNobodyWhileItGoesToSleep() throws Exception {
        int rounds = 20_000;
        CompletableFuture<Void> done = new CompletableFuture<>();
        AtomicInteger turn = new AtomicInteger();
        Task pong = task(() -> turn.incrementAndGet());
        Thread.ofPlatform().daemon().start(() -> {
            for (int round = 1; round <= rounds; round++) {
                pong.ready();
                while (turn.get() < round) {
                    Thread.onSpinWait();
                }
            }
            done.complete(null);
        });

        done.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void runsAllOfManyWhoAreMadeReadyByManyThreads() throws Exception {
        int each = 5000;
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch left = new CountDownLatch(3 * each);
        for (int thread = 0; thread < 3; thread++) {
            Thread.ofPlatform().daemon().start(() -> {
                for (int i = 0; i < each; i++) {
                    task(() -> {
                                runs.incrementAndGet();
                                left.countDown();
                            })
                            .ready();
                }
            });
        }

        await(left);
        assertEquals(3 * each, runs.get());
    }

    @Test
    void runsATaskForADescriptorEachTimeItIsSignalled() throws Exception {
        try (EventFd event = EventFd.create()) {
            AtomicInteger runs = new AtomicInteger();
            Task task = task(runs::incrementAndGet);
            int tag = loop.call(() -> watch(event, task));
            for (int i = 1; i <= 100; i++) {
                event.signal();
                while (runs.get() < i) {
                    Thread.onSpinWait();
                }
            }
            loop.call(() -> unwatch(event, tag));
            event.signal();
            settle();
            assertEquals(100, runs.get());
        }
    }

    private int watch(EventFd event, Task task) {
        try {
            return loop.watch(event.fd(), task);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean unwatch(EventFd event, int tag) {
        try {
            loop.unwatch(event.fd(), tag);
            return true;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void goesOnAfterATaskFailed() throws Exception {
        task(() -> {
                    throw new IllegalStateException("wrong");
                })
                .ready();
        AtomicInteger runs = new AtomicInteger();
        task(runs::incrementAndGet).ready();

        settle();
        assertEquals(1, runs.get());
        assertInstanceOf(IllegalStateException.class, failures.getFirst());
    }

    @Test
    void doesWhatOthersAskedForAfterACommandLostItsMemory() throws Exception {
        CompletableFuture<Void> other = new CompletableFuture<>();
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        Thread.ofPlatform()
                .daemon()
                .start(() -> loop.execute(() -> {
                    entered.countDown();
                    try {
                        asked.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    throw new InternalError("a page is gone");
                }));
        // Both are in the list of commands when the loop comes to the first: it waits for that.
        await(entered);
        loop.execute(() -> {
            throw new InternalError("another page is gone");
        });
        loop.execute(() -> other.complete(null));
        asked.countDown();

        other.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        settle();
        assertEquals(2, failures.size());
    }

    @Test
    void goesOnAfterWhoIsToldOfAFailureFails() throws Exception {
        try (Loop other = new Loop("other", new Loop.Failures() {
            @Override
            public void memoryLost(InternalError error) {
                throw new IllegalStateException("wrong", error);
            }

            @Override
            public void taskFailed(Throwable error) {
                throw new IllegalStateException("wrong", error);
            }
        })) {
            other.start();
            other.execute(() -> {
                throw new InternalError("a page is gone");
            });
            other.execute(() -> {
                throw new IllegalArgumentException("wrong");
            });
            assertTrue(other.call(() -> true));
        }
    }

    @Test
    void goesOnAfterATaskFoundNoMemory() throws Exception {
        task(() -> {
                    throw new OutOfMemoryError("for a test");
                })
                .ready();
        AtomicInteger runs = new AtomicInteger();
        task(runs::incrementAndGet).ready();

        settle();
        assertEquals(1, runs.get());
        assertInstanceOf(OutOfMemoryError.class, failures.getFirst());
    }

    @Test
    void tellsACallerThatThereWasNoMemory() throws Exception {
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class,
                () -> loop.call(() -> {
                    throw new OutOfMemoryError("for a test");
                }));

        assertInstanceOf(OutOfMemoryError.class, thrown.getCause());
        settle();
        assertEquals(1, failures.size(), "and so is who knows what to do about it");
    }

    @Test
    void tellsACallerWhatFailed() {
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class,
                () -> loop.call(() -> {
                    throw new IllegalArgumentException("wrong");
                }));

        assertInstanceOf(IllegalArgumentException.class, thrown.getCause());
        assertTrue(loop.call(() -> true));
    }

    @Test
    void ticksForAsLongAsItIsAskedTo() throws Exception {
        CountDownLatch ticks = new CountDownLatch(3);
        loop.call(() -> {
            loop.addTicker(now -> {
                ticks.countDown();
                return ticks.getCount() > 0;
            });
            loop.requestTicks();
            return true;
        });

        await(ticks);
    }

    @Test
    void ticksOnForWhoAsksForItDuringATick() throws Exception {
        CountDownLatch ticks = new CountDownLatch(3);
        loop.call(() -> {
            loop.addTicker(now -> {
                ticks.countDown();
                loop.requestTicks();
                return false;
            });
            loop.requestTicks();
            return true;
        });

        await(ticks);
    }

    @Test
    void refusesWorkOnceItHasEnded() {
        loop.close();

        assertThrows(RejectedExecutionException.class, () -> loop.execute(() -> {}));
        assertThrows(RejectedExecutionException.class, () -> loop.call(() -> true));
    }
}
