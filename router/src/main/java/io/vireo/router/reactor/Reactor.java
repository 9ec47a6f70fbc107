package io.vireo.router.reactor;

import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.Doorbell;
import io.vireo.linux.LinuxException;
import io.vireo.router.config.IdlePolicy;
import io.vireo.router.dataplane.Forwarder;
import io.vireo.router.dataplane.FrameBatch;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.dataplane.PollSet;
import io.vireo.router.dataplane.SlowPath;
import io.vireo.router.dataplane.Uplink;
import io.vireo.router.dataplane.UplinkCounter;
import io.vireo.router.uplink.UplinkQueue;
import io.vireo.vhostuser.backend.GuestLog;
import io.vireo.vhostuser.backend.RingSetup;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that serves ports by polling those that have work, and sleeps when none has had any for a while. Other threads
 * ask it for things with {@link #call}.
 */
public final class Reactor {
    /** What the frames take that are on their way from one reactor to another, in huge pages. */
    public static final long HANDOVER_BYTES = Handover.MEMORY_SIZE;

    private static final Logger LOG = LoggerFactory.getLogger(Reactor.class);

    private static final long WAIT_FOR_ROOM_NS = 50_000;

    /** Failures of our own, which a guest may have found a way to cause again and again. */
    private final GuestLog failures;

    /** What the kernel lent, the last first. */
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();

    private final CommandInbox inbox = new CommandInbox();
    private final int number;
    private final Thread thread;
    private final Doorbell doorbell;
    private final Forwarder forwarder;
    private final UplinkPort uplink;
    private final Arrivals arrivals;
    private final KickWatch kicks;
    private final IdlePolicy idle;

    /** Ports with a ring to serve. */
    private final PollSet ports = new PollSet();

    /**
     * Whose visit is, or was the last, under way; a frame for it that was handed over is a visit too. Null if there is nobody
     * to blame: such a frame was for a broken port.
     */
    private @Nullable NetPort visited;

    private boolean stopping;
    /** Whether an error may have struck in the midst of anything, so that a port may be silent that cannot kick. */
    private boolean disturbed;

    private final TimeSheet time = new TimeSheet(System::nanoTime);
    private volatile boolean asleep;

    /**
     * @param number among the reactors, as its ports have it
     * @throws LinuxException if the kernel refuses what a reactor needs; nothing is left behind then
     */
    public Reactor(String name, int number, SlowPath slowPath, IdlePolicy idle) throws LinuxException {
        this(name, number, slowPath, idle, Uplink.none());
    }

    /** As the other, with its end of the uplink. */
    public Reactor(String name, int number, SlowPath slowPath, IdlePolicy idle, Uplink end) throws LinuxException {
        this.number = number;
        this.idle = idle;
        failures = GuestLog.of(name);
        SharedMemory memory = own(SharedMemory.allocate("vireo-" + name, FrameBatch.MEMORY_SIZE, false));
        try {
            doorbell = own(new Doorbell());
            kicks = own(new KickWatch(ports));
        } catch (LinuxException e) {
            release();
            throw e;
        }
        forwarder = new Forwarder(new FrameBatch(memory.address()), slowPath, doorbell, end);
        uplink = new UplinkPort(end, forwarder, kicks);
        arrivals = new Arrivals(forwarder, this::receive);
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /**
     * Opens the way for frames from this reactor's ports to another one's; before either starts.
     *
     * @return to be closed when both have ended
     */
    public Handover connect(Reactor peer) throws LinuxException {
        Handover handover = new Handover("vireo-%d-to-%d".formatted(number, peer.number), peer::wakeIfAsleep);
        forwarder.connect(peer.number, handover);
        peer.arrivals.add(handover);
        return handover;
    }

    public void start() {
        thread.start();
    }

    // ---- for other threads

    /** Has the reactor do something, and waits for it. */
    public <T> T call(Supplier<T> command) {
        CompletableFuture<T> result = new CompletableFuture<>();
        post(() -> {
            try {
                result.complete(command.get());
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            } catch (InternalError e) { // a frontend took memory away
                disturbed = true;
                result.completeExceptionally(e);
            } catch (Error e) { // for want of memory, say
                result.completeExceptionally(e);
            }
        });
        return await(result);
    }

    private <T> T await(CompletableFuture<T> result) {
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
                // Nobody may go on while the reactor might still touch what the caller is about to release.
                Thread.currentThread().interrupt();
                return result.join();
            }
        }
    }

    /**
     * Serves a queue of the uplink's device from now on, which it closes in the end, or at once if this fails.
     *
     * @param lost told on the reactor's thread, once, with the errno, when the device is of no use any more
     */
    public void serve(UplinkQueue queue, IntConsumer lost) {
        call(() -> {
            uplink.use(queue, lost);
            return true;
        });
    }

    /** Lets go of the queue that it serves, if it has one; nobody is told. */
    public void leaveUplink() {
        call(() -> {
            uplink.close();
            return true;
        });
    }

    /** Whether it has a queue, which has not failed. */
    public boolean servesUplink() {
        return call(uplink::isOpen);
    }

    /** What was counted of the uplink; see {@link UplinkCounter#in}. */
    public long[] uplinkCounters() {
        return call(uplink::countersCopy);
    }

    public ReactorCounters counters() {
        return call(time::counters);
    }

    public String name() {
        return thread.getName();
    }

    public int number() {
        return number;
    }

    /**
     * Has the reactor do something soon. Waits for room if it is far behind; so it is not for reactors themselves.
     *
     * @throws RejectedExecutionException if it is far behind because it has ended
     */
    public void post(Runnable command) {
        while (!inbox.post(command)) {
            if (!thread.isAlive()) {
                throw new RejectedExecutionException(thread.getName() + " has ended");
            }
            LockSupport.parkNanos(WAIT_FOR_ROOM_NS);
        }
        VarHandle.fullFence(); // the command must be visible before this side looks whether the reactor sleeps
        wakeIfAsleep();
    }

    /** From any thread, after a full fence behind what it is to be woken for. */
    private void wakeIfAsleep() {
        if (asleep) {
            kicks.interrupt();
        }
    }

    /** Ends the thread and releases what it owned. All its ports must be stopped. */
    public void shutdown() {
        if (thread.isAlive()) {
            call(() -> {
                uplink.close();
                stopping = true;
                return true;
            });
            joinThread();
        }
        release();
    }

    private <T extends AutoCloseable> T own(T resource) {
        owned.push(resource);
        return resource;
    }

    private void release() {
        for (AutoCloseable resource : owned) {
            try {
                resource.close();
            } catch (Exception e) {
                LOG.warn("{} not released", resource, e);
            }
        }
        owned.clear();
    }

    private void joinThread() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted before " + thread.getName() + " had ended", e);
        }
    }

    // ---- commands: on the reactor's thread, by way of call or post

    void startRing(NetPort port, RingSetup setup) {
        if (!port.hasUse(setup)) {
            return;
        }
        kicks.add(setup.kick(), ports.attach(port));
        try {
            port.start(setup);
            ports.activate(port);
        } catch (InternalError e) { // the ring's memory is gone already
            kicks.remove(setup.kick());
            stop(port, setup.queue());
            throw e;
        }
    }

    void enableRing(NetPort port, int queue, boolean enabled) {
        port.enable(queue, enabled);
        ports.activate(port); // what waited while it was disabled raises no kick
    }

    int stopRing(NetPort port, int queue) {
        RingSetup setup = port.setup(queue);
        kicks.remove(setup == null ? null : setup.kick());
        return stop(port, queue);
    }

    private int stop(NetPort port, int queue) {
        int next = port.stop(queue);
        if (!port.isServed()) {
            ports.detach(port);
        }
        return next;
    }

    /** Sends a frame of our own, from its Ethernet header on, to a guest. */
    void send(NetPort port, byte[] frame) {
        forwarder.send(port, frame);
    }

    // ---- the loop

    /**
     * Compiled code tells of a lost page at some later safepoint, which may lie outside any handler below, even between two
     * turns of the loop: so the loop stands in a handler of its own.
     */
    private void run() {
        while (!stopping) {
            try {
                loop();
            } catch (InternalError e) {
                memoryLost(e);
            } catch (Error e) { // for want of memory, say: whose visit it was pays, and the others are served on
                failed(e);
            } catch (LinuxException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void loop() throws LinuxException {
        while (!stopping) {
            if (disturbed) {
                ports.activateAll();
                disturbed = false;
            }
            int work = runCommands() + takeArrivals() + visitPorts() + serveUplink();
            if (work > 0) {
                time.busy();
            } else {
                idle(time.empty());
            }
            kicks.turn(work, idle.mode() == IdlePolicy.Mode.ADAPTIVE);
        }
    }

    private int runCommands() {
        try {
            return inbox.run();
        } catch (RuntimeException e) {
            failures.error("a command failed", e);
            return 1;
        }
    }

    private int takeArrivals() {
        visited = null;
        try {
            return arrivals.take();
        } catch (RuntimeException e) {
            if (visited == null) {
                failures.error("frames of another reactor were lost to a failure of our own", e);
                forwarder.abandon();
            } else {
                isolate(visited, e);
            }
            return 1;
        }
    }

    private boolean receive(NetPort port, int hash, long address, int length) {
        visited = port.isBroken() ? null : port;
        forwarder.receive(port, hash, address, length);
        return true;
    }

    private int serveUplink() {
        visited = null;
        try {
            return uplink.serve();
        } catch (RuntimeException e) {
            failures.error("packets of the host were lost to a failure of our own", e);
            forwarder.dropReceived();
            return 1;
        }
    }

    private int visitPorts() {
        int work = 0;
        for (int i = 0; i < ports.activeCount(); i++) {
            NetPort port = ports.active(i);
            if (port != null) {
                work += visit(port);
            }
        }
        return work;
    }

    private int visit(NetPort port) {
        visited = port;
        try {
            int moved = forwarder.visit(port);
            if (moved > 0) {
                PollSet.noteWork(port);
            }
            return moved;
        } catch (RuntimeException e) {
            isolate(port, e);
            return 0;
        }
    }

    /** An InternalError is how the JVM says that a page behind an access is gone: some frontend took it away. */
    private void memoryLost(InternalError error) {
        asleep = false;
        disturbed = true;
        if (!forwarder.memoryLost(ports.attached())) {
            if (visited == null) {
                forwarder.dropReceived(); // what it was about would fail again
            } else {
                isolate(visited, error);
            }
        }
    }

    private void failed(Error error) {
        asleep = false;
        disturbed = true;
        if (visited == null) {
            failures.error("what was under way was given up after a failure of our own", error);
            forwarder.dropReceived();
        } else {
            isolate(visited, error);
        }
    }

    private void isolate(NetPort port, Throwable reason) {
        failures.error("stopped serving the port " + port.name() + " after a failure of our own", reason);
        forwarder.isolate(port);
    }

    private void idle(long idleNs) throws LinuxException {
        boolean maySleep = idle.mode() == IdlePolicy.Mode.ADAPTIVE;
        if (maySleep && (idleNs >= idle.spinNs() || (ports.activeCount() == 0 && !arrivals.arePossible()))) {
            sleep();
        } else {
            Thread.onSpinWait();
        }
    }

    private void sleep() throws LinuxException {
        asleep = true;
        VarHandle.fullFence(); // whoever posts or hands over from here on sees it and wakes us
        if (!ports.silenceAll()) {
            time.stayAwake();
        } else if (!inbox.isPending() && !arrivals.arePending() && !uplink.isPending()) {
            time.fallAsleep();
            kicks.await();
            time.wake();
        }
        asleep = false;
    }
}
