package io.vireo.virtqueue.device;

import static io.vireo.virtqueue.SplitRingLayout.AVAILABLE_ENTRY_SIZE;
import static io.vireo.virtqueue.SplitRingLayout.AVAILABLE_F_NO_INTERRUPT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_INDIRECT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_NEXT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_WRITE;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_SIZE;
import static io.vireo.virtqueue.SplitRingLayout.ENTRIES_OFFSET;
import static io.vireo.virtqueue.SplitRingLayout.FLAGS_OFFSET;
import static io.vireo.virtqueue.SplitRingLayout.INDEX_OFFSET;
import static io.vireo.virtqueue.SplitRingLayout.USED_ENTRY_SIZE;
import static io.vireo.virtqueue.SplitRingLayout.USED_F_NO_NOTIFY;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.SplitRingLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The device side of one split virtqueue, all of whose chains run in one direction. Confined to one thread.
 *
 * <p>An access to a page that the frontend took away is skipped in compiled code, and what it should have loaded is
 * whatever the register held, beyond the range of the type that was loaded: a comparison with a bound may be compiled for
 * that range and miss it. So an index becomes an address only after it was masked, whatever was checked before, and an
 * address from the guest only through the gate.
 *
 * <p>Chains are taken in the order in which they were made available, and must be completed in that order: then the used
 * index always says how far this side has come, which makes {@link #nextAvailable} exact after a stop or a crash.
 */
public final class DeviceSplitRing {
    private final GuestMemory memory;
    private final int size;
    private final int mask;
    private final long descriptors;
    private final long available;
    private final long used;
    private final boolean eventIndex;
    private final boolean writable;

    /** Next available entry to take; free-running, 16 bits. */
    private short nextAvailable;
    /** The driver's available index as last read: entries before it may be read (2.7.13.1). */
    private short availableIndex;
    /** Next used entry to fill; the guest sees it from {@link #publish} on. */
    private short nextUsed;
    /** The used index as of the last decision about an interrupt. */
    private short notifiedUsed;

    private @Nullable RingFault fault;

    /**
     * Takes up a ring at the available index {@code base}.
     *
     * @param place addresses in this process, each part wholly inside {@code memory}
     * @param writable whether this queue's buffers are for the device to write
     */
    public DeviceSplitRing(GuestMemory memory, SplitRingPlace place, int base, boolean eventIndex, boolean writable) {
        this.memory = memory;
        this.size = place.size();
        this.mask = size - 1;
        this.descriptors = place.descriptors();
        this.available = place.available();
        this.used = place.used();
        this.eventIndex = eventIndex;
        this.writable = writable;
        nextAvailable = (short) base;
        availableIndex = nextAvailable;
        // What the driver believes to be the used index counts; ours is lost if an earlier backend died.
        nextUsed = HostMemory.getShort(used + INDEX_OFFSET);
        notifiedUsed = nextUsed;
    }

    /** Why this ring is broken, or null. A broken ring gives no more chains. */
    public @Nullable RingFault fault() {
        return fault;
    }

    /** Breaks the ring for a reason found outside. */
    public void fail(RingFault reason) {
        fault = reason;
    }

    /** The available index that comes next, 0 to 65535: what GET_VRING_BASE answers. */
    public int nextAvailable() {
        return Short.toUnsignedInt(nextAvailable);
    }

    public int size() {
        return size;
    }

    /** Gives chains back that were taken but not completed: all from index {@code position} on will be taken again. */
    public void rewind(int position) {
        nextAvailable = (short) position;
    }

    /**
     * Takes up to {@code limit} available chains, as many as {@code into} has room for.
     *
     * @return how many were taken; 0 if there is none, or if the ring is broken
     */
    public int take(DescriptorChains into, int limit) {
        int taken = 0;
        while (taken < limit && hasAvailable() && into.hasRoom(size)) {
            // 2.7.6: the entries are valid up to the index that was read with acquire semantics
            long entry = available + ENTRIES_OFFSET + (long) (nextAvailable & mask) * AVAILABLE_ENTRY_SIZE;
            if (!takeChain(Short.toUnsignedInt(HostMemory.getShort(entry)), into)) {
                into.dropSegments();
                break;
            }
            nextAvailable++;
            taken++;
        }
        return taken;
    }

    private boolean hasAvailable() {
        if (fault != null) {
            return false;
        }
        if (nextAvailable != availableIndex) {
            return true;
        }
        short index = HostMemory.getShortAcquire(available + INDEX_OFFSET);
        int ahead = Short.toUnsignedInt((short) (index - nextAvailable));
        if (ahead > size) {
            fault = RingFault.AVAILABLE_INDEX_TOO_FAR;
            return false;
        }
        availableIndex = index;
        return ahead != 0;
    }

    private boolean takeChain(int head, DescriptorChains into) {
        if (head >= size) {
            fault = RingFault.HEAD_OUT_OF_RANGE;
            return false;
        }
        long bytes = 0;
        int index = head & mask;
        for (int links = 0; links < size; links++) {
            long descriptor = descriptors + (long) index * DESCRIPTOR_SIZE;
            long address = HostMemory.getLong(descriptor);
            long rest = HostMemory.getLong(descriptor + Long.BYTES);
            long length = rest & 0xffff_ffffL;
            int flags = (int) (rest >>> 32) & 0xffff;
            if (!check(flags)) {
                return false;
            }
            if (length != 0) {
                long host = memory.translate(address, length);
                if (host == GuestMemory.INVALID) {
                    fault = RingFault.ADDRESS_OUTSIDE_MEMORY;
                    return false;
                }
                into.addSegment(host, length);
                bytes += length;
            }
            if ((flags & DESCRIPTOR_F_NEXT) == 0) {
                into.addChain(head, bytes);
                return true;
            }
            int next = (int) (rest >>> 48);
            if (next >= size) {
                fault = RingFault.NEXT_OUT_OF_RANGE;
                return false;
            }
            index = next & mask;
        }
        fault = RingFault.CHAIN_TOO_LONG;
        return false;
    }

    private boolean check(int flags) {
        if ((flags & DESCRIPTOR_F_INDIRECT) != 0) {
            fault = RingFault.INDIRECT_NOT_NEGOTIATED;
            return false;
        }
        if (((flags & DESCRIPTOR_F_WRITE) != 0) != writable) {
            fault = RingFault.WRONG_DIRECTION;
            return false;
        }
        return true;
    }

    /** Gives a chain back, {@code written} bytes of which the device filled (2.7.8). The driver sees it after {@link #publish}. */
    public void complete(int head, int written) {
        long entry = used + ENTRIES_OFFSET + (long) (nextUsed & mask) * USED_ENTRY_SIZE;
        HostMemory.putLong(entry, (long) written << 32 | head);
        nextUsed++;
    }

    /** Shows the driver all chains completed so far. */
    public void publish() {
        HostMemory.putShortRelease(used + INDEX_OFFSET, nextUsed);
    }

    /** Whether the driver asked to be interrupted for what was published since the last call (2.7.7.2). */
    public boolean wantsInterrupt() {
        short before = notifiedUsed;
        notifiedUsed = nextUsed;
        if (before == nextUsed) {
            return false;
        }
        VarHandle.fullFence(); // the published index must be visible before the driver's wish is read
        if (eventIndex) {
            short event = HostMemory.getShort(available + SplitRingLayout.usedEventOffset(size));
            return SplitRingLayout.passed(event, nextUsed, before);
        }
        return (HostMemory.getShort(available + FLAGS_OFFSET) & AVAILABLE_F_NO_INTERRUPT) == 0;
    }

    /** Tells the driver that it need not kick (2.7.10): this side polls. */
    public void suppressKicks() {
        if (!eventIndex) { // with the event index the flag has no meaning, and the stale index does the same
            HostMemory.putShort(used + FLAGS_OFFSET, (short) USED_F_NO_NOTIFY);
        }
    }

    /**
     * Asks the driver for a kick at the next chain.
     *
     * @return true if there are chains already, for which no kick may come
     */
    public boolean requestKicks() {
        return requestKicksFrom(nextAvailable) || nextAvailable != availableIndex;
    }

    /**
     * Asks the driver for a kick when it has made more chains available than this side has seen so far.
     *
     * @return true if it has already
     */
    public boolean requestKicksForMore() {
        return requestKicksFrom(availableIndex);
    }

    private boolean requestKicksFrom(short index) {
        if (eventIndex) {
            HostMemory.putShort(used + SplitRingLayout.availableEventOffset(size), index);
        } else {
            HostMemory.putShort(used + FLAGS_OFFSET, (short) 0);
        }
        VarHandle.fullFence(); // the driver must see the wish before this side looks a last time (2.7.10.1)
        return HostMemory.getShortAcquire(available + INDEX_OFFSET) != availableIndex;
    }
}
