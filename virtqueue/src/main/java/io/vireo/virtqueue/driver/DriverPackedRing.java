package io.vireo.virtqueue.driver;

import static io.vireo.virtqueue.PackedRingLayout.DESCRIPTOR_F_AVAILABLE;
import static io.vireo.virtqueue.PackedRingLayout.DESCRIPTOR_F_USED;
import static io.vireo.virtqueue.PackedRingLayout.DESCRIPTOR_SIZE;
import static io.vireo.virtqueue.PackedRingLayout.EVENTS_DISABLE;
import static io.vireo.virtqueue.PackedRingLayout.EVENTS_ENABLE;
import static io.vireo.virtqueue.PackedRingLayout.EVENT_FLAGS_SHIFT;
import static io.vireo.virtqueue.PackedRingLayout.FLAGS_SHIFT;
import static io.vireo.virtqueue.PackedRingLayout.ID_SHIFT;
import static io.vireo.virtqueue.PackedRingLayout.REST_OFFSET;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_INDIRECT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_NEXT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_WRITE;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.PackedRingLayout;
import java.lang.invoke.VarHandle;

/** The driver side of one packed virtqueue (virtio 1.3, 2.8): a chain's buffer id is the slot of its first buffer. */
final class DriverPackedRing extends DriverRing {
    /** Each side's event suppression has a cache line of its own. */
    static final int EVENTS_STRIDE = 64;

    private static final int AVAILABILITY = DESCRIPTOR_F_AVAILABLE | DESCRIPTOR_F_USED;
    private static final long LENGTH_MASK = 0xffff_ffffL;

    /** How many descriptors of the ring the chain of this id takes. */
    private final int[] span;

    /** Positions. */
    private int nextAvailable;

    private int publishedAvailable;
    private int nextUsed;
    /** The second half of the first unpublished descriptor, which makes all later ones visible. */
    private long firstRest;

    DriverPackedRing(Parts parts, int size, long features) {
        super(parts, size, features);
        span = new int[size];
    }

    static long eventsOffset(int size) {
        return (PackedRingLayout.descriptorRingSize(size) + EVENTS_STRIDE - 1) & -EVENTS_STRIDE;
    }

    static long areasSize(int size) {
        return eventsOffset(size) + 2 * EVENTS_STRIDE;
    }

    @Override
    public int initialBase() {
        return PackedRingLayout.indexAndWrap(0, size);
    }

    @Override
    void offerChain(int chain, int count) {
        for (int i = 0; i < count; i++) {
            write(address[i], length[i], chain, flags[i] | (i < count - 1 ? DESCRIPTOR_F_NEXT : 0));
        }
        span[chain] = count;
    }

    @Override
    void offerTable(int chain, int count, long table, long guestTable) {
        for (int i = 0; i < count; i++) {
            long entry = table + (long) i * DESCRIPTOR_SIZE;
            HostMemory.putLong(entry, address[i]);
            HostMemory.putLong(entry + REST_OFFSET, rest(length[i], 0, flags[i]));
        }
        write(guestTable, count * DESCRIPTOR_SIZE, chain, DESCRIPTOR_F_INDIRECT);
        span[chain] = 1;
    }

    private void write(long guestAddress, int bytes, int id, int kind) {
        long descriptor = descriptor(nextAvailable);
        long rest = rest(bytes, id, kind | PackedRingLayout.availableFlags(nextAvailable, size));
        HostMemory.putLong(descriptor, guestAddress);
        if (nextAvailable == publishedAvailable) {
            firstRest = rest;
        } else {
            HostMemory.putLong(descriptor + REST_OFFSET, rest);
        }
        nextAvailable++;
    }

    private static long rest(int bytes, int id, int flags) {
        return (bytes & LENGTH_MASK) | (long) id << ID_SHIFT | (long) flags << FLAGS_SHIFT;
    }

    private long descriptor(int position) {
        return descriptors + (long) (position & mask) * DESCRIPTOR_SIZE;
    }

    @Override
    public boolean publish() {
        int before = publishedAvailable;
        publishedAvailable = nextAvailable;
        if (before == nextAvailable) {
            return false;
        }
        HostMemory.putLongRelease(descriptor(before) + REST_OFFSET, firstRest);
        return wantsKick(before, nextAvailable);
    }

    @Override
    public boolean isKickWanted() {
        return wantsKick(nextAvailable, nextAvailable + 1);
    }

    private boolean wantsKick(int before, int now) {
        VarHandle.fullFence(); // the descriptors must be visible before the device's wish is read
        return PackedRingLayout.wantsEvent(HostMemory.getInt(used), eventIndex, before, now, size);
    }

    @Override
    long readUsed() {
        long rest = HostMemory.getLongAcquire(descriptor(nextUsed) + REST_OFFSET);
        int state = (int) (rest >>> FLAGS_SHIFT);
        if (nextUsed == publishedAvailable || (state & AVAILABILITY) != PackedRingLayout.usedFlags(nextUsed, size)) {
            return NONE;
        }
        long written = (state & DESCRIPTOR_F_WRITE) != 0 ? rest & LENGTH_MASK : 0; // 2.8.5: else it says nothing
        return written << 32 | ((rest >>> ID_SHIFT) & 0xffff);
    }

    @Override
    void advance(int chain) {
        nextUsed += span[chain];
    }

    @Override
    void ask(boolean wanted) {
        int wish = !wanted
                ? EVENTS_DISABLE << EVENT_FLAGS_SHIFT
                : eventIndex ? PackedRingLayout.eventAt(nextUsed, size) : EVENTS_ENABLE << EVENT_FLAGS_SHIFT;
        HostMemory.putInt(available, wish);
        VarHandle.fullFence();
    }
}
