package io.vireo.virtqueue.device;

import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_WRITE;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_SIZE;

import io.vireo.hugepages.GuestMemory;
import io.vireo.virtqueue.Features;
import org.jspecify.annotations.Nullable;

/**
 * The device side of one virtqueue. Confined to one thread.
 *
 * <p>Chains are taken in the order in which they were made available, and must be completed in that order: then what was
 * completed always says how far this side has come, which makes {@link #base} exact after a stop or a crash.
 *
 * <p>An access to a page that the frontend took away is skipped in compiled code, and what it should have loaded is
 * whatever the register held, beyond the range of the type that was loaded: a comparison with a bound may be compiled for
 * that range and miss it. So an index becomes an address only after it was masked, whatever was checked before, or was cut
 * out of a whole register, and an address from the guest only through the gate.
 */
public abstract sealed class DeviceRing permits DevicePackedRing, DeviceSplitRing {
    static {
        // An error about lost memory may be told late, and within a class's initialiser would spoil the class for good.
        RingFault.MEMORY_LOST.description();
    }

    private final int size;
    private final boolean mayRead;
    private final boolean mayWrite;

    final GuestMemory memory;
    final boolean eventIndex;
    final boolean indirect;
    final boolean inOrder;

    private @Nullable RingFault fault;

    DeviceRing(GuestMemory memory, int size, long features, Direction direction) {
        this.memory = memory;
        this.size = size;
        mayRead = direction != Direction.WRITABLE;
        mayWrite = direction != Direction.READABLE;
        indirect = (features & Features.RING_INDIRECT_DESC) != 0;
        eventIndex = (features & Features.RING_EVENT_IDX) != 0;
        inOrder = (features & Features.IN_ORDER) != 0;
    }

    /**
     * Takes up a ring of the format that was negotiated.
     *
     * @param place addresses in this process, each part wholly inside {@code memory}
     * @param base where the ring stands: what {@link #base} answered whoever served it before. What the ring itself tells
     *     counts more, as who died did not answer: a split one always does, a packed one where each chain has one descriptor
     *     and a used one of its own (INDIRECT_DESC without IN_ORDER). Of a packed ring's two halves the low one counts, as
     *     chains complete in order and not all frontends tell both
     * @param features the negotiated features
     */
    public static DeviceRing serve(GuestMemory memory, RingPlace place, int base, long features, Direction direction) {
        return (features & Features.RING_PACKED) != 0
                ? new DevicePackedRing(memory, place, base, features, direction)
                : new DeviceSplitRing(memory, place, features, direction);
    }

    /** Why this ring is broken, or null. A broken ring gives no more chains. */
    public final @Nullable RingFault fault() {
        return fault;
    }

    /** Breaks the ring, for a reason found outside too. */
    public final void fail(RingFault reason) {
        fault = reason;
    }

    final boolean isBroken() {
        return fault != null;
    }

    /** Entries, a power of two. */
    public final int size() {
        return size;
    }

    // ---- what descriptors of both formats have in common

    /**
     * Adds what a descriptor refers to to the chain under construction.
     *
     * @param flags the descriptor's, of which the direction counts
     * @return false if that broke the ring
     */
    final boolean addSegment(DescriptorChains into, long guestAddress, long length, int flags) {
        if ((flags & DESCRIPTOR_F_WRITE) != 0) {
            if (!mayWrite) {
                return failed(RingFault.WRONG_DIRECTION);
            }
            into.beginWritable();
        } else if (!mayRead || into.isWritable()) {
            return failed(RingFault.WRONG_DIRECTION);
        }
        if (length != 0) {
            long host = memory.translate(guestAddress, length);
            if (host == GuestMemory.INVALID) {
                return failed(RingFault.ADDRESS_OUTSIDE_MEMORY);
            }
            into.addSegment(host, length);
        }
        return true;
    }

    /**
     * Finds an indirect table.
     *
     * @param length bytes
     * @return its address in this process, or {@link GuestMemory#INVALID} if that broke the ring
     */
    final long indirectTable(long guestAddress, long length) {
        if (!indirect) {
            fail(RingFault.INDIRECT_NOT_NEGOTIATED);
            return GuestMemory.INVALID;
        }
        if (length == 0 || length % DESCRIPTOR_SIZE != 0) {
            fail(RingFault.INDIRECT_TABLE_LENGTH);
            return GuestMemory.INVALID;
        }
        long table = memory.translate(guestAddress, length);
        if (table == GuestMemory.INVALID) {
            fail(RingFault.ADDRESS_OUTSIDE_MEMORY);
        }
        return table;
    }

    /** Breaks the ring. @return false */
    final boolean failed(RingFault reason) {
        fail(reason);
        return false;
    }

    // ---- what each format does in its own way

    /** What GET_VRING_BASE answers: where a backend that takes up this ring begins. */
    public abstract int base();

    /** Where the next chain to take lies; for {@link #rewind} alone. */
    public abstract int position();

    /** Whether the driver has made no chain available that is yet to be taken. */
    public abstract boolean isEmpty();

    /**
     * Gives chains back that were taken: all from {@code position} on will be taken again, but those that were completed,
     * which an error that comes late may have kept the caller from knowing.
     */
    public abstract void rewind(int position);

    /**
     * Takes up to {@code limit} available chains, as many as {@code into} has room for.
     *
     * @return how many were taken; 0 if there is none, or if the ring is broken
     */
    public abstract int take(DescriptorChains into, int limit);

    /** Gives all these chains back, into which nothing was written. The driver sees them after {@link #publish}. */
    public abstract void complete(DescriptorChains chains);

    /**
     * Gives the first {@code count} of these chains back, one by one: if an error comes between, some are completed, and the
     * others can be had again by {@link #rewind}. The driver sees them after {@link #publish}.
     *
     * @param written bytes that were written into each
     */
    public abstract void complete(DescriptorChains chains, int count, int[] written);

    /** Shows the driver all chains completed so far. */
    public abstract void publish();

    /** Whether chains were completed since {@link #wantsInterrupt} was last called: an error may have come between. */
    public abstract boolean isPublicationDue();

    /** Whether the driver asked to be interrupted for what was published since the last call. */
    public abstract boolean wantsInterrupt();

    /** Tells the driver that it need not kick: this side polls. */
    public abstract void suppressKicks();

    /**
     * Asks the driver for a kick at the next chain.
     *
     * @return true if there are chains already, for which no kick may come
     */
    public abstract boolean requestKicks();

    /**
     * Asks the driver for a kick when it has made more chains available than this side has seen so far.
     *
     * @return true if it has already
     */
    public abstract boolean requestKicksForMore();
}
