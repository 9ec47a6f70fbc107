package io.vireo.virtqueue.device;

import org.jspecify.annotations.Nullable;

/**
 * The device side of one virtqueue. Confined to one thread.
 *
 * <p>Chains are taken in the order in which they were made available, and must be completed in that order: then what was
 * completed always says how far this side has come, which makes {@link #base} exact after a stop or a crash.
 *
 * <p>An access to a page that the frontend took away is skipped in compiled code, and what it should have loaded is
 * whatever the register held, beyond the range of the type that was loaded: a comparison with a bound may be compiled for
 * that range and miss it. So an index becomes an address only after it was masked, whatever was checked before, and an
 * address from the guest only through the gate.
 */
public abstract sealed class DeviceRing permits DeviceSplitRing {
    private final int size;
    private @Nullable RingFault fault;

    DeviceRing(int size) {
        this.size = size;
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

    /** What GET_VRING_BASE answers: where a backend that takes up this ring begins. */
    public abstract int base();

    /** Where the next chain to take lies; for {@link #rewind} alone. */
    public abstract int position();

    /** Gives chains back that were taken but not completed: all from {@code position} on will be taken again. */
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
     * Gives the first {@code count} of these chains back. The driver sees them after {@link #publish}.
     *
     * @param written bytes that were written into each
     */
    public abstract void complete(DescriptorChains chains, int count, int[] written);

    /** Shows the driver all chains completed so far. */
    public abstract void publish();

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
