package io.vireo.virtqueue.device;

import static io.vireo.virtqueue.PackedRingLayout.DESCRIPTOR_F_AVAILABLE;
import static io.vireo.virtqueue.PackedRingLayout.DESCRIPTOR_F_USED;
import static io.vireo.virtqueue.PackedRingLayout.DESCRIPTOR_SIZE;
import static io.vireo.virtqueue.PackedRingLayout.FLAGS_SHIFT;
import static io.vireo.virtqueue.PackedRingLayout.ID_SHIFT;
import static io.vireo.virtqueue.PackedRingLayout.REST_OFFSET;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_INDIRECT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_NEXT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_WRITE;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.PackedRingLayout;
import java.lang.invoke.VarHandle;

/**
 * The device side of one packed virtqueue (virtio 1.3, 2.8).
 *
 * <p>Length, buffer id and flags of a descriptor are one aligned long, read and written at once. A batch becomes visible
 * with the last write, that of its first descriptor: the driver looks at no other before (2.8.2).
 */
final class DevicePackedRing extends DeviceRing {
    /** Flags that tell whether a descriptor is available, and a whole chain. */
    private static final int SHAPE =
            DESCRIPTOR_F_AVAILABLE | DESCRIPTOR_F_USED | DESCRIPTOR_F_NEXT | DESCRIPTOR_F_WRITE | DESCRIPTOR_F_INDIRECT;

    private static final int AVAILABILITY = DESCRIPTOR_F_AVAILABLE | DESCRIPTOR_F_USED;
    private static final long LENGTH_MASK = 0xffff_ffffL;
    private static final int LONGEST_RUN = 64;

    private final int mask;
    private final long descriptors;
    private final long driverEvents;
    private final long deviceEvents;
    private final Direction direction;
    /** The flags of a descriptor that is a chain by itself, of this ring's direction. */
    private final int plainFlags;

    /** A run of chains of one descriptor each, as it was read: second halves, buffer ids in them, first halves. */
    private final long[] rests = new long[LONGEST_RUN];

    private final int[] ids = new int[LONGEST_RUN];
    private final long[] addresses = new long[LONGEST_RUN];

    /** The second half of the last descriptor of a chain just taken, which holds its buffer id (2.8.6). */
    private long lastRest;

    /** Positions: where the next chain to take lies. */
    private int nextAvailable;
    /** Up to where chains were seen: ahead of {@link #nextAvailable} after a rewind. */
    private int seen;
    /** Where the next used descriptor goes. */
    private int nextUsed;
    /** {@link #nextUsed} as of the last decision about an interrupt, which an earlier device may not have come to. */
    private int notifiedUsed;

    /** {@link #nextUsed} as of the last {@link #publish}: the descriptor that makes all later ones visible is written last. */
    private int published;

    private long firstRest;

    /** For the parameters, see {@link DeviceRing#serve}. */
    DevicePackedRing(GuestMemory memory, RingPlace place, int base, long features, Direction direction) {
        super(memory, place.size(), features, direction);
        mask = place.size() - 1;
        descriptors = place.descriptors();
        driverEvents = place.driver();
        deviceEvents = place.device();
        this.direction = direction;
        plainFlags = direction == Direction.WRITABLE ? DESCRIPTOR_F_WRITE : 0;
        nextAvailable = isTold() ? told(base) : found(base);
        seen = nextAvailable;
        nextUsed = nextAvailable;
        published = nextAvailable;
        notifiedUsed = nextAvailable == 0 ? 0 : nextAvailable - size();
    }

    /** Whether the ring itself does not tell: descriptors of longer chains, and of batches, look as if they were available. */
    private boolean isTold() {
        return inOrder || !indirect;
    }

    private int told(int base) {
        return (base & 0xffff) == 0 && isFresh() ? 0 : PackedRingLayout.position(base, size());
    }

    /** Where the ring stands, whatever was told, having made an end of what an earlier device was completing when it died. */
    private int found(int base) {
        PackedRingScan scan = new PackedRingScan(descriptors, size());
        if (scan.gap() != PackedRingScan.UNKNOWN) {
            long rest = HostMemory.getLong(descriptor(scan.gap()) + REST_OFFSET);
            HostMemory.putLongRelease(descriptor(scan.gap()) + REST_OFFSET, usedRest(scan.gap(), id(rest), 0));
        }
        return scan.next() == PackedRingScan.UNKNOWN ? told(base) : scan.next() & (2 * size() - 1);
    }

    /**
     * Whether no descriptor was ever used, and the ring is in its first lap: user-mode Linux tells a base of 0, without the
     * wrap counter of 1. In any other ring at index 0 with wrap counter 0, at least one descriptor of the lap before has the
     * flag.
     */
    private boolean isFresh() {
        for (int i = 0; i < size(); i++) {
            if ((flags(HostMemory.getLong(descriptor(i) + REST_OFFSET)) & DESCRIPTOR_F_USED) != 0) {
                return false;
            }
        }
        return true;
    }

    private long descriptor(int position) {
        return descriptors + (long) (position & mask) * DESCRIPTOR_SIZE;
    }

    private static int flags(long rest) {
        return (int) (rest >>> FLAGS_SHIFT);
    }

    private static int id(long rest) {
        return (int) (rest >>> ID_SHIFT) & 0xffff;
    }

    @Override // vhost-user, "Ring states": the available one in the low, the used one in the high half
    public int base() {
        return PackedRingLayout.indexAndWrap(nextUsed, size()) << 16
                | PackedRingLayout.indexAndWrap(nextAvailable, size());
    }

    @Override
    public int position() {
        return nextAvailable;
    }

    @Override
    public boolean isEmpty() {
        return !isAvailable(nextAvailable);
    }

    private boolean isAvailable(int position) {
        long rest = HostMemory.getLongAcquire(descriptor(position) + REST_OFFSET);
        return (flags(rest) & AVAILABILITY) == PackedRingLayout.availableFlags(position, size());
    }

    @Override
    public void rewind(int position) {
        nextAvailable = position - nextUsed < 0 ? nextUsed : position; // what was completed is the driver's
    }

    // ---- taking

    @Override
    public int take(DescriptorChains into, int limit) {
        int taken = 0;
        while (taken < limit && !isBroken() && into.hasRoom(size())) {
            taken += takeRun(into, limit - taken);
            if (taken == limit || !into.hasRoom(size()) || !takeChain(into)) {
                break;
            }
            taken++;
        }
        if (nextAvailable - seen > 0) {
            seen = nextAvailable;
        }
        return taken;
    }

    /** How many descriptors the driver may own at most: the others are taken, and not used yet. */
    private int owned() {
        return size() - (nextAvailable - nextUsed);
    }

    /** Takes chains of one descriptor each, up to the first that is none, or not as it should be. @return how many */
    private int takeRun(DescriptorChains into, int limit) {
        int from = nextAvailable;
        int most = Math.min(Math.min(limit, LONGEST_RUN), Math.min(owned(), into.room()));
        int run = 0;
        while (run < most) {
            long rest = HostMemory.getLong(descriptor(from + run) + REST_OFFSET);
            if ((flags(rest) & SHAPE) != (PackedRingLayout.availableFlags(from + run, size()) | plainFlags)) {
                break;
            }
            rests[run++] = rest;
        }
        VarHandle.acquireFence(); // all else is as of the flags just read, or newer
        for (int i = 0; i < run; i++) {
            addresses[i] = HostMemory.getLong(descriptor(from + i));
        }
        for (int i = 0; i < run; i++) {
            ids[i] = id(rests[i]);
            rests[i] &= LENGTH_MASK;
        }
        int added = into.addRun(memory, run, ids, addresses, rests, from, direction);
        nextAvailable = from + added;
        return added; // takeChain judges what comes then, on a copy of its own
    }

    /** Takes a chain of any kind. @return false if there is none, or if it broke the ring */
    private boolean takeChain(DescriptorChains into) {
        int longest = owned();
        int from = nextAvailable;
        if (longest == 0) {
            return false;
        }
        long rest = HostMemory.getLongAcquire(descriptor(from) + REST_OFFSET);
        if ((flags(rest) & AVAILABILITY) != PackedRingLayout.availableFlags(from, size())) {
            return false;
        }
        int descriptorCount = (flags(rest) & DESCRIPTOR_F_INDIRECT) != 0
                ? takeTable(into, HostMemory.getLong(descriptor(from)), rest)
                : takeList(into, from, longest, rest);
        if (isBroken()) {
            into.dropSegments();
            return false;
        }
        into.addChain(id(lastRest), from, from + descriptorCount);
        nextAvailable = from + descriptorCount;
        return true;
    }

    /** Adds descriptors up to the first that has no next one. @return how many */
    private int takeList(DescriptorChains into, int from, int longest, long firstRest) {
        long rest = firstRest;
        int count = 0;
        while (addSegment(into, HostMemory.getLong(descriptor(from + count)), rest & LENGTH_MASK, flags(rest))) {
            count++;
            if ((flags(rest) & DESCRIPTOR_F_NEXT) == 0) {
                lastRest = rest;
                return count;
            }
            if (count == longest) {
                fail(RingFault.CHAIN_TOO_LONG);
                break;
            }
            rest = HostMemory.getLong(descriptor(from + count) + REST_OFFSET);
            if ((flags(rest) & DESCRIPTOR_F_INDIRECT) != 0) {
                fail(RingFault.INDIRECT_WITHIN_CHAIN);
                break;
            }
        }
        return count;
    }

    /** Adds all descriptors of an indirect table, of whose flags only the direction counts (2.8.7). @return 1 */
    private int takeTable(DescriptorChains into, long guestAddress, long rest) {
        long length = rest & LENGTH_MASK;
        long table = indirectTable(guestAddress, length);
        if (table == GuestMemory.INVALID) {
            return 1;
        }
        lastRest = rest;
        long entries = length / DESCRIPTOR_SIZE;
        if ((flags(rest) & DESCRIPTOR_F_NEXT) != 0) {
            fail(RingFault.INDIRECT_WITHIN_CHAIN);
        } else if (entries > size()) {
            fail(RingFault.CHAIN_TOO_LONG);
        }
        for (int i = 0; i < entries && !isBroken(); i++) {
            long entry = table + (long) i * DESCRIPTOR_SIZE;
            long entryRest = HostMemory.getLong(entry + REST_OFFSET);
            addSegment(into, HostMemory.getLong(entry), entryRest & LENGTH_MASK, flags(entryRest));
        }
        return 1;
    }

    // ---- completing

    @Override
    public void complete(DescriptorChains chains) {
        int count = chains.count();
        if (inOrder && count > 0) {
            // 2.8.9: one used descriptor for all, with the id of the last buffer, in the first one's place
            use(nextUsed, chains.head[count - 1], 0);
            nextUsed = chains.end[count - 1];
            return;
        }
        for (int i = 0; i < count; i++) {
            use(nextUsed, chains.head[i], 0);
            nextUsed = chains.end[i];
        }
    }

    @Override
    public void complete(DescriptorChains chains, int count, int[] written) {
        for (int i = 0; i < count; i++) {
            use(nextUsed, chains.head[i], written[i]);
            nextUsed = chains.end[i];
        }
    }

    private void use(int position, int id, int written) {
        long rest = usedRest(position, id, written);
        if (position == published) {
            firstRest = rest;
            VarHandle.releaseFence(); // buffers before descriptors, for a driver that looks ahead
        } else {
            HostMemory.putLong(descriptor(position) + REST_OFFSET, rest);
        }
    }

    private long usedRest(int position, int id, int written) {
        int flags = PackedRingLayout.usedFlags(position, size()) | (written != 0 ? DESCRIPTOR_F_WRITE : 0);
        return (written & LENGTH_MASK) | (long) id << ID_SHIFT | (long) flags << FLAGS_SHIFT;
    }

    @Override
    public void publish() {
        if (published != nextUsed) {
            HostMemory.putLongRelease(descriptor(published) + REST_OFFSET, firstRest);
            published = nextUsed;
        }
    }

    // ---- notifications

    @Override
    public boolean isPublicationDue() {
        return nextUsed != notifiedUsed;
    }

    @Override
    public boolean wantsInterrupt() {
        int before = notifiedUsed;
        notifiedUsed = nextUsed;
        if (before == nextUsed) {
            return false;
        }
        VarHandle.fullFence(); // the used descriptors must be visible before the driver's wish is read
        int event = HostMemory.getInt(driverEvents);
        return PackedRingLayout.wantsEvent(event, eventIndex, before, nextUsed, size());
    }

    @Override
    public void suppressKicks() {
        HostMemory.putInt(deviceEvents, PackedRingLayout.EVENTS_DISABLE << PackedRingLayout.EVENT_FLAGS_SHIFT);
    }

    @Override
    public boolean requestKicks() {
        return requestKicksFrom(nextAvailable);
    }

    @Override
    public boolean requestKicksForMore() {
        return requestKicksFrom(seen);
    }

    private boolean requestKicksFrom(int position) {
        HostMemory.putInt(
                deviceEvents,
                eventIndex
                        ? PackedRingLayout.eventAt(position, size())
                        : PackedRingLayout.EVENTS_ENABLE << PackedRingLayout.EVENT_FLAGS_SHIFT);
        VarHandle.fullFence(); // the driver must see the wish before this side looks a last time (2.8.21.2)
        return isAvailable(position);
    }
}
