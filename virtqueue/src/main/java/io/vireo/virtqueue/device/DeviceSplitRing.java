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

/** The device side of one split virtqueue (virtio 1.3, 2.7). */
final class DeviceSplitRing extends DeviceRing {
    private static final long LENGTH_MASK = 0xffff_ffffL;
    private static final int LONGEST_RUN = 64;

    private final int mask;
    private final long descriptors;
    private final long available;
    private final long used;
    private final Direction direction;
    /** The flags of a descriptor that is a chain by itself, of this ring's direction. */
    private final int plainFlags;

    /** A run of chains as they were read: heads, and both halves of their first descriptors. */
    private final int[] heads = new int[LONGEST_RUN];

    private final long[] addresses = new long[LONGEST_RUN];
    private final long[] lengths = new long[LONGEST_RUN];

    /** Next available entry to take; free-running, 16 bits. */
    private short nextAvailable;
    /** The driver's available index as last read: entries before it may be read (2.7.13.1). */
    private short availableIndex;
    /** Next used entry to fill; the guest sees it from {@link #publish} on. */
    private short nextUsed;
    /** The used index as of the last decision about an interrupt, which an earlier device may not have come to. */
    private short notifiedUsed;

    /** For the parameters, see {@link DeviceRing#serve}. */
    DeviceSplitRing(GuestMemory memory, RingPlace place, long features, Direction direction) {
        super(memory, place.size(), features, direction);
        mask = place.size() - 1;
        descriptors = place.descriptors();
        available = place.driver();
        used = place.device();
        this.direction = direction;
        plainFlags = direction == Direction.WRITABLE ? DESCRIPTOR_F_WRITE : 0;
        // Chains complete in order, so that the used index, which the driver sees, tells all; a base told after an
        // earlier
        // device died may be old, or 0, as DPDK tells always.
        nextUsed = HostMemory.getShort(used + INDEX_OFFSET);
        nextAvailable = nextUsed;
        availableIndex = nextAvailable;
        notifiedUsed = nextUsed == 0 ? 0 : (short) (nextUsed - size());
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
    public boolean isEmpty() {
        return HostMemory.getShortAcquire(available + INDEX_OFFSET) == nextAvailable;
    }

    @Override
    public void rewind(int position) {
        nextAvailable = (short) (position - nextUsed) < 0 ? nextUsed : (short) position; // chains complete in order
    }

    @Override
    public int take(DescriptorChains into, int limit) {
        int taken = 0;
        while (taken < limit && hasAvailable() && into.hasRoom(size())) {
            int run = takeRun(into, limit - taken);
            if (run == 0) {
                if (!takeChain(headAt(nextAvailable), into)) {
                    into.dropSegments();
                    break;
                }
                nextAvailable++;
                run = 1;
            }
            taken += run;
        }
        return taken;
    }

    /** 2.7.6: the entries are valid up to the index that was read with acquire semantics. */
    private int headAt(int position) {
        long entry = available + ENTRIES_OFFSET + (long) (position & mask) * AVAILABLE_ENTRY_SIZE;
        return Short.toUnsignedInt(HostMemory.getShort(entry));
    }

    /**
     * Takes chains of one descriptor each, up to the first that is none, or not as it should be. In passes over short loops,
     * so that the waits for descriptors in another core's cache overlap.
     *
     * @return how many
     */
    private int takeRun(DescriptorChains into, int limit) {
        int from = nextAvailable;
        int known = Short.toUnsignedInt((short) (availableIndex - nextAvailable));
        int most = Math.min(Math.min(limit, LONGEST_RUN), Math.min(known, into.room()));
        for (int i = 0; i < most; i++) {
            int head = headAt(from + i);
            long descriptor = descriptors + (long) (head & mask) * DESCRIPTOR_SIZE;
            heads[i] = head;
            addresses[i] = HostMemory.getLong(descriptor);
            lengths[i] = HostMemory.getLong(descriptor + Long.BYTES);
        }
        int plain = 0;
        while (plain < most && heads[plain] < size() && flags(lengths[plain]) == plainFlags) {
            lengths[plain++] &= LENGTH_MASK;
        }
        int run = into.addRun(memory, plain, heads, addresses, lengths, from, direction);
        nextAvailable = (short) (from + run);
        return run; // takeChain judges what comes then, on a copy of its own
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
            return failed(RingFault.HEAD_OUT_OF_RANGE);
        }
        int index = head & mask;
        for (int links = 0; links < size(); links++) {
            long descriptor = descriptors + (long) index * DESCRIPTOR_SIZE;
            long address = HostMemory.getLong(descriptor);
            long rest = HostMemory.getLong(descriptor + Long.BYTES);
            long length = rest & LENGTH_MASK;
            int flags = flags(rest);
            if ((flags & DESCRIPTOR_F_INDIRECT) != 0) {
                // 2.7.5.3.2: behind any number of others, as the last one
                return takeTable(into, address, length, flags, size() - links) && add(into, head);
            }
            if (!addSegment(into, address, length, flags)) {
                return false;
            }
            if ((flags & DESCRIPTOR_F_NEXT) == 0) {
                return add(into, head);
            }
            int next = next(rest);
            if (next >= size()) {
                return failed(RingFault.NEXT_OUT_OF_RANGE);
            }
            index = next & mask;
        }
        return failed(RingFault.CHAIN_TOO_LONG);
    }

    private boolean add(DescriptorChains into, int head) {
        into.addChain(head, nextAvailable, nextAvailable + 1);
        return true;
    }

    /** Adds the chain of an indirect table, from its first entry on (2.7.5.3), at most {@code longest} descriptors. */
    private boolean takeTable(DescriptorChains into, long guestAddress, long length, int flags, int longest) {
        long table = indirectTable(guestAddress, length);
        if (table == GuestMemory.INVALID) {
            return false;
        }
        if ((flags & DESCRIPTOR_F_NEXT) != 0) {
            return failed(RingFault.INDIRECT_WITHIN_CHAIN);
        }
        long entries = length / DESCRIPTOR_SIZE;
        int index = 0;
        for (int links = 0; links < longest; links++) {
            long entry = table + (long) index * DESCRIPTOR_SIZE;
            long rest = HostMemory.getLong(entry + Long.BYTES);
            if ((flags(rest) & DESCRIPTOR_F_INDIRECT) != 0) {
                return failed(RingFault.INDIRECT_NESTED);
            }
            if (!addSegment(into, HostMemory.getLong(entry), rest & LENGTH_MASK, flags(rest))) {
                return false;
            }
            if ((flags(rest) & DESCRIPTOR_F_NEXT) == 0) {
                return true;
            }
            index = next(rest); // cut out of a whole register, so that the comparison holds whatever was loaded
            if (index >= entries) {
                return failed(RingFault.NEXT_OUT_OF_RANGE);
            }
        }
        return failed(RingFault.CHAIN_TOO_LONG);
    }

    private static int flags(long rest) {
        return (int) (rest >>> 32) & 0xffff;
    }

    private static int next(long rest) {
        return (int) (rest >>> 48);
    }

    @Override
    public void complete(DescriptorChains chains) {
        int count = chains.count();
        if (inOrder && count > 0) {
            // 2.7.9: one used entry for all, that of the last chain, in the first one's place
            HostMemory.putLong(usedEntry(nextUsed), chains.head[count - 1]);
            nextUsed += (short) count;
            return;
        }
        for (int i = 0; i < count; i++) {
            HostMemory.putLong(usedEntry(nextUsed), chains.head[i]);
            nextUsed++;
        }
    }

    @Override
    public void complete(DescriptorChains chains, int count, int[] written) {
        for (int i = 0; i < count; i++) {
            HostMemory.putLong(usedEntry(nextUsed), (long) written[i] << 32 | chains.head[i]);
            nextUsed++;
        }
    }

    /** 2.7.8: id u32, length u32. */
    private long usedEntry(short index) {
        return used + ENTRIES_OFFSET + (long) (index & mask) * USED_ENTRY_SIZE;
    }

    @Override
    public void publish() {
        HostMemory.putShortRelease(used + INDEX_OFFSET, nextUsed);
    }

    @Override
    public boolean isPublicationDue() {
        return nextUsed != notifiedUsed;
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
