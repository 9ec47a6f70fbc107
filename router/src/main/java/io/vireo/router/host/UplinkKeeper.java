package io.vireo.router.host;

import io.vireo.linux.Epoll;
import io.vireo.linux.EventFd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Privileges;
import io.vireo.linux.User;
import io.vireo.router.config.UplinkConfig;
import java.io.IOException;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that keeps the host's side of the uplink: it alone needs CAP_NET_ADMIN, and keeps it when all others lose
 * theirs ({@link #dropPrivileges}). It works in the network namespace of the thread that starts it.
 *
 * <p>What it cannot do while running is logged once, and tried again with pauses of 0.1 to 5 seconds.
 */
public final class UplinkKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UplinkKeeper.class);

    /** What a turn that failed is followed by, so that one that always does is no busy loop. */
    private static final long AFTER_FAILURE_NS = TimeUnit.SECONDS.toNanos(1);

    /** Where the device comes from. */
    @FunctionalInterface
    public interface DeviceMaker {
        /**
         * Makes the device with a queue for each reactor, and hands these out in the place of those they may have; called
         * by the keeper's thread, at the start and each time that the device was taken away.
         */
        void make() throws IOException;

        /** Whether all of what was made is of use; a device that is not is made anew. */
        default boolean isWhole() {
            return true;
        }
    }

    private final UplinkConfig config;
    private final DeviceMaker maker;
    private final Supplier<Set<HostRoute>> routes;
    private final EventFd wake;
    private final Thread thread = Thread.ofPlatform().name("uplink").daemon().unstarted(this::run);
    private final CompletableFuture<@Nullable Void> started = new CompletableFuture<>();

    private final Queue<Order> orders = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean changed = new AtomicBoolean();
    private final AtomicBoolean lost = new AtomicBoolean();
    private volatile boolean stopping;
    private volatile boolean ended;

    /** Guarded by {@link #wake}. */
    private boolean closed;

    /** @param routes all routes that the host should have at the moment of the call; called by the keeper's thread */
    public UplinkKeeper(UplinkConfig config, DeviceMaker maker, Supplier<Set<HostRoute>> routes) throws LinuxException {
        this.config = config;
        this.maker = maker;
        this.routes = routes;
        wake = EventFd.create();
    }

    /** When it returns, the device is up, with its addresses and routes. @throws IOException if that is not possible */
    public void start() throws IOException {
        thread.start();
        await(started);
    }

    // ---- for any thread, always; nothing blocks

    /** Other routes may be wanted than before. */
    public void changed() {
        tell(changed);
    }

    /** The device does not seem to be there any more, or a queue of it is of no use. */
    public void lost() {
        tell(lost);
    }

    private void tell(AtomicBoolean what) {
        if (what.compareAndSet(false, true)) {
            signal();
        }
    }

    /** After {@link #close} the number may be another descriptor's. */
    private void signal() {
        synchronized (wake) {
            if (!closed) {
                wake.signal();
            }
        }
    }

    // ---- privileges

    /**
     * Makes all threads of this process a user's, without any capability but CAP_NET_ADMIN of this one; see
     * {@link Privileges#drop}. The keeper must be running.
     *
     * @throws IOException if that is not possible, or not so afterwards: the process should then not go on
     */
    public void dropPrivileges(User user) throws IOException {
        Order order = new Order(user, new CompletableFuture<>());
        orders.add(order);
        signal();
        if (ended) {
            refuseOrders();
        }
        await(order.done());
    }

    /** To give up privileges. */
    private record Order(User user, CompletableFuture<@Nullable Void> done) {
        void run() {
            try {
                Privileges.drop(user, Privileges.CAP_NET_ADMIN);
                done.complete(null);
            } catch (IOException | RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        }
    }

    private void refuseOrders() {
        for (Order order = orders.poll(); order != null; order = orders.poll()) {
            order.done().completeExceptionally(new IOException("the uplink's keeper does not run"));
        }
    }

    private static void await(CompletableFuture<@Nullable Void> future) throws IOException {
        try {
            future.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }

    // ---- the thread

    private void run() {
        try (Epoll epoll = new Epoll();
                HostSide side = HostSide.open(config, maker, routes)) {
            epoll.add(wake.fd());
            epoll.add(side.events());
            side.begin(System.nanoTime());
            started.complete(null);
            while (!stopping) {
                epoll.await(toMilliseconds(turn(side)));
            }
            side.end();
        } catch (IOException | RuntimeException | Error e) {
            if (!started.completeExceptionally(e)) {
                LOG.error("{}: the host's side of the uplink is not kept any more", config.tun(), e);
            }
        } finally {
            ended = true;
            refuseOrders();
        }
    }

    private long turn(HostSide side) {
        try {
            for (Order order = orders.poll(); order != null; order = orders.poll()) {
                order.run();
            }
            if (changed.getAndSet(false)) {
                side.changed();
            }
            if (lost.getAndSet(false)) {
                side.look();
            }
            side.hear();
            return side.turn(System.nanoTime());
        } catch (IOException | RuntimeException | Error e) {
            LOG.error("{}: the host's side of the uplink failed and is tried again", config.tun(), e);
            side.doubt();
            return AFTER_FAILURE_NS;
        }
    }

    private static int toMilliseconds(long ns) {
        return ns < 0 ? -1 : (int) Math.min(TimeUnit.NANOSECONDS.toMillis(ns) + 1, Integer.MAX_VALUE);
    }

    /** Removes the routes and ends the thread; what it is told afterwards it ignores. The device is its queues' owners'. */
    @Override
    public void close() {
        stopping = true;
        signal();
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
        synchronized (wake) {
            closed = true;
            wake.close();
        }
    }
}
