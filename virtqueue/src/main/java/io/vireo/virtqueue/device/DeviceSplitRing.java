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

/** The device side of one split virtqueue (virtio 1.3, 2.7), all of whose chains run in one direction. */
public final class DeviceSplitRing extends DeviceRing {
    private final GuestMemory memory;
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

    /**
     * Takes up a ring at the available index {@code base}.
     *
     * @param place addresses in this process, each part wholly inside {@code memory}
     * @param writable whether this queue's buffers are for the device to write
     */
    public DeviceSplitRing(GuestMemory memory, SplitRingPlace place, int base, boolean eventIndex, boolean writable) {
        super(place.size());
        this.memory = memory;
        this.mask = place.size() - 1;
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

    @Override
    public int base() {
        return Short.toUnsignedInt(nextAvailable);
    }

    @Override
    public int position() {
        return Short.toUnsignedInt(nextAvailable);
    }

    @Override
    public void rewind(int position) {
        nextAvailable = (short) position;
    }

    @Override
    public int take(DescriptorChains into, int limit) {
        int taken = 0;
        while (taken < limit && hasAvailable() && into.hasRoom(size())) {
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
        if (isBroken()) {
            return false;
        }
        if (nextAvailable != availableIndex) {
            return true;
        }
        short index = HostMemory.getShortAcquire(available + INDEX_OFFSET);
        int ahead = Short.toUnsignedInt((short) (index - nextAvailable));
        if (ahead > size()) {
            fail(RingFault.AVAILABLE_INDEX_TOO_FAR);
            return false;
        }
        availableIndex = index;
        return ahead != 0;
    }

    private boolean takeChain(int head, DescriptorChains into) {
        if (head >= size()) {
            fail(RingFault.HEAD_OUT_OF_RANGE);
            return false;
        }
        long bytes = 0;
        int index = head & mask;
        for (int links = 0; links < size(); links++) {
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
                    fail(RingFault.ADDRESS_OUTSIDE_MEMORY);
                    return false;
                }
                into.addSegment(host, length);
                bytes += length;
            }
            if ((flags & DESCRIPTOR_F_NEXT) == 0) {
                into.addChain(head, nextAvailable, bytes);
                return true;
            }
            int next = (int) (rest >>> 48);
            if (next >= size()) {
                fail(RingFault.NEXT_OUT_OF_RANGE);
                return false;
            }
            index = next & mask;
        }
        fail(RingFault.CHAIN_TOO_LONG);
        return false;
    }

    private boolean check(int flags) {
        if ((flags & DESCRIPTOR_F_INDIRECT) != 0) {
            fail(RingFault.INDIRECT_NOT_NEGOTIATED);
            return false;
        }
        if (((flags & DESCRIPTOR_F_WRITE) != 0) != writable) {
            fail(RingFault.WRONG_DIRECTION);
            return false;
        }
        return true;
    }

    @Override
    public void complete(DescriptorChains chains) {
        short next = nextUsed;
        for (int i = 0; i < chains.count(); i++) {
            HostMemory.putLong(usedEntry(next++), chains.head[i]);
        }
        nextUsed = next;
    }

    @Override
    public void complete(DescriptorChains chains, int count, int[] written) {
        short next = nextUsed;
        for (int i = 0; i < count; i++) {
            HostMemory.putLong(usedEntry(next++), (long) written[i] << 32 | chains.head[i]);
        }
        nextUsed = next;
    }

    /** 2.7.8: id u32, length u32. */
    private long usedEntry(short index) {
        return used + ENTRIES_OFFSET + (long) (index & mask) * USED_ENTRY_SIZE;
    }

    @Override
    public void publish() {
        HostMemory.putShortRelease(used + INDEX_OFFSET, nextUsed);
    }

    @Override // 2.7.7.2
    public boolean wantsInterrupt() {
        short before = notifiedUsed;
        notifiedUsed = nextUsed;
        if (before == nextUsed) {
            return false;
        }
        VarHandle.fullFence(); // the published index must be visible before the driver's wish is read
        if (eventIndex) {
            short event = HostMemory.getShort(available + SplitRingLayout.usedEventOffset(size()));
            return SplitRingLayout.passed(event, nextUsed, before);
        }
        return (HostMemory.getShort(available + FLAGS_OFFSET) & AVAILABLE_F_NO_INTERRUPT) == 0;
    }

    @Override // 2.7.10
    public void suppressKicks() {
        if (!eventIndex) { // with the event index the flag has no meaning, and the stale index does the same
            HostMemory.putShort(used + FLAGS_OFFSET, (short) USED_F_NO_NOTIFY);
        }
    }

    @Override
    public boolean requestKicks() {
        return requestKicksFrom(nextAvailable) || nextAvailable != availableIndex;
    }

    @Override
    public boolean requestKicksForMore() {
        return requestKicksFrom(availableIndex);
    }

    private boolean requestKicksFrom(short index) {
        if (eventIndex) {
            HostMemory.putShort(used + SplitRingLayout.availableEventOffset(size()), index);
        } else {
            HostMemory.putShort(used + FLAGS_OFFSET, (short) 0);
        }
        VarHandle.fullFence(); // the driver must see the wish before this side looks a last time (2.7.10.1)
        return HostMemory.getShortAcquire(available + INDEX_OFFSET) != availableIndex;
    }
}
