package io.vireo.router.reactor;

import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.YieldingWaitStrategy;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.LinuxException;
import io.vireo.router.dataplane.BufferWriter;
import io.vireo.router.dataplane.FrameBatch;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.dataplane.SlowPath;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.RingFault;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * From all reactors to the address service: punted frames, copied, and notices for the log. Bounded; a reactor never waits
 * for room. The service's thread alone {@link #poll}s.
 */
public final class PuntQueue implements SlowPath {
    /** The longest frame that is passed on: a DHCP message of any size that a client may send (RFC 2131, 2). */
    static final int MAX_FRAME = 1536;

    /** Of one guest: what it may have here at a time, and a notice of each kind. */
    private static final int SLOTS_A_GUEST = SlowPath.SHARE + 2;

    private static final int LEAST_SLOTS = 256;
    private static final int SLOT_SIZE = 2048;

    enum Kind {
        FRAME,
        SPOOFED_MAC,
        PORT_BROKEN
    }

    /** A slot; it owns its piece of memory for good. */
    static final class Punt {
        private final long memory;
        private final BufferWriter writer = new BufferWriter();
        Kind kind = Kind.FRAME;

        @Nullable
        NetPort port;
        /** FRAME: its bytes begin here. */
        long frameAddress;

        int frameLength;
        /** SPOOFED_MAC. */
        long mac;
        /** PORT_BROKEN. */
        @Nullable
        RingFault fault;

        Punt(long memory) {
            this.memory = memory;
        }
    }

    private final SharedMemory memory;
    private final RingBuffer<Punt> ring;
    private final EventPoller<Punt> poller;
    private volatile @Nullable Thread sleeper;

    /** @param guests each of which has room for its share, whatever the others send */
    public PuntQueue(int guests) throws LinuxException {
        int slots = LEAST_SLOTS;
        while (slots < guests * SLOTS_A_GUEST) {
            slots *= 2;
        }
        memory = SharedMemory.allocate("vireo-punts", (long) slots * SLOT_SIZE, false);
        long[] next = {memory.address()};
        ring = RingBuffer.createMultiProducer(
                () -> {
                    Punt punt = new Punt(next[0]);
                    next[0] += SLOT_SIZE;
                    return punt;
                },
                slots,
                new YieldingWaitStrategy());
        poller = ring.newPoller();
        ring.addGatingSequences(poller.getSequence());
    }

    // ---- reactors

    @Override
    public boolean punt(NetPort port, FrameBatch batch, int frame) {
        if (batch.length(frame) > MAX_FRAME) {
            return false;
        }
        long sequence = claim();
        if (sequence < 0) {
            return false;
        }
        Punt punt = ring.get(sequence);
        punt.kind = Kind.FRAME;
        punt.port = null; // a void slot, should the copy fail
        try {
            batch.append(frame, punt.writer.into(punt.memory));
            punt.port = port;
            punt.frameAddress = punt.memory + VirtioNetHeader.SIZE;
            punt.frameLength = batch.length(frame);
        } finally {
            publish(sequence);
        }
        return true;
    }

    @Override
    public boolean spoofedMac(NetPort port, long mac) {
        long sequence = claim();
        if (sequence < 0) {
            return false;
        }
        Punt punt = ring.get(sequence);
        punt.kind = Kind.SPOOFED_MAC;
        punt.port = port;
        punt.mac = mac;
        publish(sequence);
        return true;
    }

    @Override
    public void portBroken(NetPort port, RingFault fault) {
        long sequence = claim();
        if (sequence < 0) {
            return;
        }
        Punt punt = ring.get(sequence);
        punt.kind = Kind.PORT_BROKEN;
        punt.port = port;
        punt.fault = fault;
        publish(sequence);
    }

    private long claim() {
        try {
            return ring.tryNext();
        } catch (InsufficientCapacityException e) { // a constant of the Disruptor, without a stack trace
            return -1;
        }
    }

    private void publish(long sequence) {
        ring.publish(sequence);
        VarHandle.fullFence(); // the slot must be visible before this side looks whether the service sleeps
        Thread waiting = sleeper;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }

    // ---- the address service

    void poll(EventPoller.Handler<Punt> handler) {
        try {
            poller.poll(handler);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sleeps until there is something to poll, the time is over, or somebody unparks the thread. */
    void await(long ns) {
        sleeper = Thread.currentThread();
        VarHandle.fullFence(); // whoever publishes from here on sees it and wakes us
        if (ring.getCursor() == poller.getSequence().get()) {
            LockSupport.parkNanos(this, ns);
        }
        sleeper = null;
    }

    /** Releases the memory; no reactor may be running any more. */
    public void close() {
        memory.close();
    }
}
