package io.vireo.router.reactor;

import com.lmax.disruptor.Sequence;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.LinuxException;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.dataplane.PeerReactor;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Frames on their way from one reactor to another, in order: one for each ordered pair of reactors.
 *
 * <pre>
 *   sending reactor                                                    receiving reactor
 *   append ... append, publish --> slots:  port | hash | address | length   --> poll: take ... take, release
 *                                                         |
 *                                  memory: | frame | frame, up to 64 KiB | frame |   one huge page, used round and round
 * </pre>
 *
 * <p>A slot does not own memory of a fixed size but a record in a ring of bytes: frames of 64 bytes and super-frames of 64 KiB
 * share one huge page, and a thousand of the former or thirty of the latter can be on their way. Slots for the largest frame
 * alone would take 64 MiB.
 *
 * <p>Two sequences of the Disruptor around a ring of slots, and not its RingBuffer: that can neither take back what was
 * claimed, which a batch that fails needs, nor leave an event for later, which a receiver without room needs. Each side may
 * be interrupted anywhere by the error that tells of lost memory: what the other one sees changes in one step only.
 */
public final class Handover implements PeerReactor {
    static final int SLOTS = 1024;
    static final int MEMORY_SIZE = 1 << 21;

    /** What the receiving reactor does with a frame. */
    interface Receiver {
        /**
         * @param address of the virtio-net header, which is our own memory; the receiver's until {@link #release}
         * @param length virtio-net header and frame
         * @return false if there is no room for any frame just now: it is offered again, first, at the next poll
         */
        boolean take(NetPort port, int hash, long address, int length);
    }

    private static final class Slot {
        @Nullable
        NetPort port;

        int hash;
        int length;
        long address;

        /** Of a slot that was filled. */
        NetPort port() {
            return Objects.requireNonNull(port);
        }
    }

    private static final long NONE = -1;

    private final SharedMemory memory;
    private final Slot[] slots;
    private final Runnable wake;

    /** The last slot that the receiver may look at. */
    private final Sequence published = new Sequence(NONE);
    /** The last slot whose frame the receiver has delivered. */
    private final Sequence released = new Sequence(NONE);

    // ---- the sender's alone
    private final FrameRing frames;
    /** Where each slot's frame ends in {@link #frames}. */
    private final long[] frameEnd;

    private long appended = NONE;
    /** {@link #released}, as last seen. */
    private long reclaimed = NONE;
    /** Where the last frame published ends. */
    private long publishedEnd;

    /** The receiver's alone: the last slot that is done with; written once a poll, as the sender's fields are beside it. */
    private long done = NONE;

    /** @param wake wakes the receiving reactor if it sleeps; called by the sender once what it published is visible */
    Handover(String name, Runnable wake) throws LinuxException {
        this(name, wake, SLOTS, MEMORY_SIZE);
    }

    /**
     * @param slots how many frames may be on their way, a power of two
     * @param bytes how much memory they may take, a power of two
     */
    Handover(String name, Runnable wake, int slots, long bytes) throws LinuxException {
        this.wake = wake;
        this.slots = new Slot[slots];
        Arrays.setAll(this.slots, i -> new Slot());
        frameEnd = new long[slots];
        memory = SharedMemory.allocate(name, bytes);
        frames = new FrameRing(memory.address(), bytes);
    }

    private int index(long sequence) {
        return (int) sequence & (slots.length - 1);
    }

    // ---- the sending reactor

    @Override
    public long append(NetPort port, int hash, int bytes) {
        long address = allocate(bytes);
        if (address == FULL) {
            reclaim();
            address = allocate(bytes);
            if (address == FULL) {
                return FULL;
            }
        }
        long sequence = appended + 1;
        int index = index(sequence);
        Slot slot = slots[index];
        slot.port = port;
        slot.hash = hash;
        slot.address = address;
        slot.length = bytes;
        frameEnd[index] = frames.end();
        appended = sequence;
        return address;
    }

    private long allocate(int bytes) {
        return appended - reclaimed == slots.length ? FULL : frames.allocate(bytes);
    }

    private void reclaim() {
        long sequence = released.get();
        if (sequence != reclaimed) {
            frames.release(frameEnd[index(sequence)]);
            reclaimed = sequence;
        }
    }

    @Override
    public void publish() {
        if (appended == published.get()) {
            return;
        }
        publishedEnd = frames.end();
        published.set(appended);
        wakeReceiver();
    }

    @Override
    public void abandon() {
        appended = published.get();
        frames.truncate(publishedEnd);
        wakeReceiver(); // the error may have come between publishing and waking
    }

    private void wakeReceiver() {
        VarHandle.fullFence(); // the slots must be visible before this side looks whether the other one sleeps
        wake.run();
    }

    // ---- the receiving reactor

    /** Whether a slot waits. The last question before a reactor sleeps. */
    boolean isPending() {
        return published.get() != released.get();
    }

    /**
     * Offers the frames that wait, in order, until one is refused. When they are delivered, call {@link #release}; without it
     * the next poll offers all of them again. What an exception of the receiver's came from counts as taken.
     *
     * @param limit frames to offer, at most
     * @return how many were done with
     */
    int poll(Receiver receiver, int limit) {
        long first = released.get() + 1;
        long last = Math.min(published.get(), first + limit - 1);
        long next = first;
        try {
            while (next <= last) {
                Slot slot = slots[index(next)];
                next++;
                if (!receiver.take(slot.port(), slot.hash, slot.address, slot.length)) {
                    next--;
                    break;
                }
            }
        } finally {
            done = next - 1;
        }
        return (int) (next - first);
    }

    /** Lets the sender use the slots and the memory of all that the last poll was done with. */
    void release() {
        if (done != released.get()) {
            released.set(done);
        }
    }

    /** Releases the memory; neither reactor may be running any more. */
    public void close() {
        memory.close();
    }
}
