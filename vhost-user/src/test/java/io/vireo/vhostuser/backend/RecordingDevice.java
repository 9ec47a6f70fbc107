package io.vireo.vhostuser.backend;

import io.vireo.virtqueue.Features;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A device that writes down what a session asks of it. Its methods also say when a session breaks the interface's promises:
 * a ring is started once, stopped once, and a reset finds none running.
 */
final class RecordingDevice implements VhostUserDevice {
    static final int QUEUES = 2;
    static final int MAX_QUEUE_SIZE = 256;
    static final int MTU = 1500;
    static final long FEATURES = Features.VERSION_1 | Features.NET_MAC | Features.NET_MRG_RXBUF;
    static final byte[] CONFIG = {1, 2, 3, 4, 5, 6, 7, 8};

    sealed interface Event {}

    record Started(RingSetup setup) implements Event {}

    record Enabled(int queue, boolean enabled) implements Event {}

    record Stopped(int queue) implements Event {}

    record Reset() implements Event {}

    /** The device was used as its interface rules out. */
    record Misused(String how) implements Event {}

    final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /** From now on each ring fails to start, but only after it began to run. */
    volatile boolean failing;

    volatile long offered = FEATURES;

    private final Set<Integer> running = new TreeSet<>();
    private final int[] next = new int[QUEUES];

    /** The next event, which must be of this kind. */
    <T extends Event> T await(Class<T> kind) throws InterruptedException {
        Event event = events.poll(5, TimeUnit.SECONDS);
        if (!kind.isInstance(event)) {
            throw new AssertionError("expected " + kind.getSimpleName() + ", got " + event + ", then " + events);
        }
        return kind.cast(event);
    }

    /** All events up to the first reset, which is the last of them. */
    Set<Integer> stoppedBeforeReset() throws InterruptedException {
        Set<Integer> stopped = new TreeSet<>();
        for (Event event = await(Event.class); !(event instanceof Reset); event = await(Event.class)) {
            switch (event) {
                case Stopped(int queue) -> stopped.add(queue);
                case Misused(String how) -> throw new AssertionError(how);
                default -> {}
            }
        }
        return stopped;
    }

    /** Lets a running ring serve {@code chains} chains. */
    synchronized void serve(int queue, int chains) {
        next[queue] = next[queue] + chains & 0xffff;
    }

    @Override
    public String name() {
        return "recorder";
    }

    @Override
    public long features() {
        return offered;
    }

    @Override
    public int queues() {
        return QUEUES;
    }

    @Override
    public int maxQueueSize() {
        return MAX_QUEUE_SIZE;
    }

    @Override
    public byte[] config() {
        return CONFIG.clone();
    }

    @Override
    public boolean acceptsMtu(int mtu) {
        return mtu <= MTU;
    }

    @Override
    public synchronized void startRing(RingSetup setup) {
        if (!running.add(setup.queue())) {
            events.add(new Misused("ring " + setup.queue() + " was started twice"));
        }
        next[setup.queue()] = setup.base();
        events.add(new Started(setup));
        if (failing) {
            throw new IllegalStateException("this device fails");
        }
    }

    @Override
    public synchronized void enableRing(int queue, boolean enabled) {
        if (!running.contains(queue)) {
            events.add(new Misused("ring " + queue + " was enabled, but does not run"));
        }
        events.add(new Enabled(queue, enabled));
    }

    @Override
    public synchronized int stopRing(int queue) {
        if (!running.remove(queue)) {
            events.add(new Misused("ring " + queue + " was stopped, but does not run"));
        }
        events.add(new Stopped(queue));
        return next[queue];
    }

    @Override
    public synchronized void reset() {
        if (!running.isEmpty()) {
            events.add(new Misused("reset while rings " + running + " run"));
        }
        events.add(new Reset());
    }
}
