package io.vireo.router.reactor;

import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.YieldingWaitStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Commands to a reactor: any thread {@link #post}s, the reactor {@link #run}s them. The reactor side takes no lock and makes
 * no system call.
 */
final class CommandInbox {
    private static final int CAPACITY = 1024;

    private static final class Slot {
        @Nullable
        Runnable command;
    }

    private final RingBuffer<Slot> ring =
            RingBuffer.createMultiProducer(Slot::new, CAPACITY, new YieldingWaitStrategy());
    private final EventPoller<Slot> poller = ring.newPoller();
    private int executed;
    private final EventPoller.Handler<Slot> execute = this::execute;

    CommandInbox() {
        ring.addGatingSequences(poller.getSequence());
    }

    /** Returns false if the reactor is {@value #CAPACITY} commands behind. */
    boolean post(Runnable command) {
        long sequence;
        try {
            sequence = ring.tryNext();
        } catch (InsufficientCapacityException e) {
            return false;
        }
        ring.get(sequence).command = command;
        ring.publish(sequence);
        return true;
    }

    /** Whether a command is waiting or about to be. For the reactor alone. */
    boolean isPending() {
        return ring.getCursor() != poller.getSequence().get();
    }

    /** Runs what is waiting. For the reactor alone. @return how many commands ran */
    int run() {
        executed = 0;
        try {
            poller.poll(execute);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return executed;
    }

    private boolean execute(Slot slot, long sequence, boolean endOfBatch) {
        Runnable command = slot.command;
        slot.command = null;
        executed++;
        if (command != null) {
            command.run();
        }
        return true;
    }
}
