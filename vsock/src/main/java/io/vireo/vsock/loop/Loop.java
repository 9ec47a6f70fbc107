package io.vireo.vsock.loop;

import io.vireo.linux.Epoll;
import io.vireo.linux.EventFd;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that runs {@link Task}s: those that somebody made ready, and those whose descriptor the kernel says is. It sleeps
 * when there are none.
 *
 * <p>Making a task ready takes no lock and allocates nothing: the ready ones are a list of their own links, which the loop
 * takes over as a whole each turn, in the order in which they came.
 */
public final class Loop implements AutoCloseable {
    /** What to do about a failure that is not any one task's to handle. */
    public interface Failures {
        /** A page behind an access is gone: the guest's frontend took it away. On the loop's thread. */
        void memoryLost(InternalError error);

        /** A task failed, by a mistake of our own, or for want of memory. On the loop's thread. */
        void taskFailed(Throwable error);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

    /** How many turns may go by before the kernel is asked while there is always something to do. */
    private static final int TURNS_BETWEEN_LOOKS = 16;

    private static final int TICK_MS = 100;
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(TICK_MS);
    private static final int WAKE = -1;

    private static final VarHandle READY;

    static {
        try {
            READY = MethodHandles.lookup().findVarHandle(Loop.class, "ready", Task.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread thread;
    private final Failures failures;
    private final Epoll epoll;
    private final EventFd wake;

    /** Those whose turn it is, the first first. */
    private @Nullable Task turn;

    /** Those who are to be in it, the last first. */
    private @Nullable Task taken;

    /** Those made ready since, the last first. */
    @SuppressWarnings("unused") // by way of READY
    private volatile @Nullable Task ready;

    private volatile boolean asleep;

    private final List<@Nullable Task> watchers = new ArrayList<>();
    private final ArrayDeque<Integer> freeTags = new ArrayDeque<>();
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final Task commander;
    private final List<Ticker> tickers = new ArrayList<>();
    private boolean ticking;
    private long nextTickNs;
    private boolean stopping;

    /** Something to be called about every {@value #TICK_MS} ms. */
    @FunctionalInterface
    public interface Ticker {
        /** @return whether to be called again */
        boolean tick(long nowNs);
    }

    public Loop(String name, Failures failures) throws LinuxException {
        this.failures = failures;
        epoll = new Epoll();
        try {
            wake = EventFd.create();
        } catch (LinuxException e) {
            epoll.close();
            throw e;
        }
        epoll.add(wake.fd(), WAKE);
        commander = new Task(this) {
            @Override
            protected void run() {
                runCommands();
            }
        };
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    // ---- for any thread

    void add(Task task) {
        Task head;
        do {
            head = (Task) READY.getAcquire(this);
            task.next = head;
        } while (!READY.compareAndSet(this, head, task));
        if (asleep && !thread.equals(Thread.currentThread())) {
            wake.signal();
        }
    }

    /** Has the loop do something soon. @throws RejectedExecutionException if it has ended */
    public void execute(Runnable command) {
        if (thread.getState() == Thread.State.TERMINATED) {
            throw new RejectedExecutionException(thread.getName() + " has ended");
        }
        commands.add(command);
        commander.ready();
    }

    /** Has the loop do something, and waits for it; on the loop's own thread it is done at once. */
    public <T> T call(Supplier<T> command) {
        if (thread.equals(Thread.currentThread())) {
            return command.get();
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        execute(() -> {
            try {
                result.complete(command.get());
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            } catch (Error e) {
                result.completeExceptionally(e);
                throw e;
            }
        });
        return await(result);
    }

    private <T> T await(CompletableFuture<T> result) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get(1, TimeUnit.SECONDS);
                } catch (TimeoutException e) {
                    if (!thread.isAlive()) {
                        throw new RejectedExecutionException(thread.getName() + " has ended", e);
                    }
                } catch (ExecutionException e) {
                    throw new IllegalStateException(thread.getName() + " failed to do what was asked", e.getCause());
                } catch (InterruptedException e) {
                    interrupted = true; // nobody may go on while the loop might still touch what the caller releases
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the thread; what was ready is not run any more. */
    @Override
    public void close() {
        if (thread.isAlive()) {
            call(() -> stopping = true);
            joinThread();
        }
        epoll.close();
        wake.close();
    }

    private void joinThread() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- for tasks, on the loop's thread

    /** Makes a task ready each time a descriptor becomes readable. @return what {@link #unwatch} wants to know */
    public int watch(Fd fd, Task task) throws LinuxException {
        int tag = tagFor(task);
        epoll.add(fd, tag);
        return tag;
    }

    /** As {@link #watch}, and each time it becomes writable, or its other end hangs up. */
    public int watchBothWays(Fd fd, Task task) throws LinuxException {
        int tag = tagFor(task);
        epoll.addBothWays(fd, tag);
        return tag;
    }

    private int tagFor(Task task) {
        Integer free = freeTags.poll();
        if (free == null) {
            watchers.add(task);
            return watchers.size() - 1;
        }
        watchers.set(free, task);
        return free;
    }

    /** Before the descriptor is closed. */
    public void unwatch(Fd fd, int tag) throws LinuxException {
        watchers.set(tag, null);
        freeTags.add(tag);
        epoll.remove(fd);
    }

    /** One more who is called each tick, once {@link #requestTicks} was called. On the loop's thread, or before it starts. */
    public void addTicker(Ticker told) {
        tickers.add(told);
    }

    public void requestTicks() {
        if (!ticking) {
            ticking = true;
            nextTickNs = System.nanoTime() + TICK_NS;
        }
    }

    // ---- the loop

    /** Compiled code tells of a lost page at some later safepoint, which may lie between two turns. */
    private void run() {
        while (!stopping) {
            try {
                loop();
            } catch (InternalError e) {
                asleep = false;
                tell(() -> failures.memoryLost(e));
            } catch (RuntimeException | Error e) {
                asleep = false;
                tell(() -> failures.taskFailed(e));
            } catch (LinuxException e) {
                LOG.error("{} ends", thread.getName(), e);
                throw new IllegalStateException(e);
            }
        }
    }

    /** Whoever is told may fail as well, and the thread has to go on: sessions wait for it. */
    private void tell(Runnable failure) {
        try {
            failure.run();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: a failure on top of another one", thread.getName(), e);
        }
    }

    private void loop() throws LinuxException {
        int turns = 0;
        while (!stopping) {
            if (turn == null) {
                takeReady();
            }
            if (turn == null) {
                sleep();
                turns = 0;
            } else {
                runTurn();
                if (++turns % TURNS_BETWEEN_LOOKS == 0) {
                    look(0);
                }
            }
            tickIfDue();
        }
    }

    /** In fields, as an error may come between, and who is in no list is never made ready again. */
    private void takeReady() {
        if (taken == null) {
            taken = (Task) READY.getAndSet(this, null);
        }
        while (taken != null) {
            Task last = taken;
            taken = last.next;
            last.next = turn;
            turn = last;
        }
    }

    /** An error leaves the rest of the turn for the next one. */
    private void runTurn() {
        while (turn != null) {
            Task task = turn;
            turn = task.next;
            task.next = null;
            task.runNow();
        }
    }

    private void sleep() throws LinuxException {
        asleep = true;
        VarHandle.fullFence(); // whoever makes a task ready from here on sees it, and wakes us
        if (READY.getVolatile(this) == null) {
            look(ticking ? TICK_MS : -1);
        }
        asleep = false;
    }

    private void look(int timeoutMs) throws LinuxException {
        int reported = epoll.await(timeoutMs);
        markReady(reported);
        while (Epoll.isFull(reported)) {
            reported = epoll.await(0);
            markReady(reported);
        }
    }

    private void markReady(int reported) {
        for (int i = 0; i < reported; i++) {
            int tag = (int) epoll.tag(i);
            Task watcher = tag == WAKE ? null : watchers.get(tag);
            if (watcher != null) {
                watcher.ready();
            }
        }
    }

    private void tickIfDue() {
        if (!ticking) {
            return;
        }
        long nowNs = System.nanoTime();
        if (nowNs - nextTickNs >= 0) {
            nextTickNs = nowNs + TICK_NS;
            ticking = false; // before they are called, as one may ask for ticks meanwhile
            for (int i = 0; i < tickers.size(); i++) {
                if (tickers.get(i).tick(nowNs)) {
                    ticking = true;
                }
            }
        }
    }

    private void runCommands() {
        try {
            Runnable command = commands.poll();
            while (command != null) {
                command.run();
                command = commands.poll();
            }
        } finally {
            if (!commands.isEmpty()) { // one failed: who asked for the others waits for them
                commander.ready();
            }
        }
    }
}
