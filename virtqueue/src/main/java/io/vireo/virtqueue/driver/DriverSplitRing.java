package io.vireo.virtqueue.driver;

import static io.vireo.virtqueue.SplitRingLayout.AVAILABLE_ENTRY_SIZE;
import static io.vireo.virtqueue.SplitRingLayout.AVAILABLE_F_NO_INTERRUPT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_INDIRECT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_NEXT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_SIZE;
import static io.vireo.virtqueue.SplitRingLayout.ENTRIES_OFFSET;
import static io.vireo.virtqueue.SplitRingLayout.FLAGS_OFFSET;
import static io.vireo.virtqueue.SplitRingLayout.INDEX_OFFSET;
import static io.vireo.virtqueue.SplitRingLayout.USED_ENTRY_SIZE;
import static io.vireo.virtqueue.SplitRingLayout.USED_F_NO_NOTIFY;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.SplitRingLayout;
import java.lang.invoke.VarHandle;

/** The driver side of one split virtqueue (virtio 1.3, 2.7): a slot is the descriptor of the same index. */
final class DriverSplitRing extends DriverRing {
    private short nextAvailable;
    private short publishedAvailable;
    private short nextUsed;

    DriverSplitRing(Parts parts, int size, long features) {
        super(parts, size, features);
    }

    static long availableOffset(int size) {
        return SplitRingLayout.descriptorTableSize(size);
    }

    static long usedOffset(int size) {
        return (availableOffset(size) + SplitRingLayout.availableRingSize(size) + 15) & -16;
    }

    static long areasSize(int size) {
        return usedOffset(size) + SplitRingLayout.usedRingSize(size);
    }

    @Override
    public int initialBase() {
        return 0;
    }

    @Override
    void offerChain(int chain, int count) {
        int slot = chain;
        for (int i = 0; i < count; i++) {
            int next = nextInChain(slot);
            write(descriptors + (long) slot * DESCRIPTOR_SIZE, i, i < count - 1, next);
            slot = next;
        }
        makeAvailable(chain);
    }

    @Override
    void offerTable(int chain, int count, long table, long guestTable) {
        for (int i = 0; i < count; i++) {
            write(table + (long) i * DESCRIPTOR_SIZE, i, i < count - 1, i + 1);
        }
        long descriptor = descriptors + (long) chain * DESCRIPTOR_SIZE;
        HostMemory.putLong(descriptor, guestTable);
        HostMemory.putInt(descriptor + 8, count * DESCRIPTOR_SIZE);
        HostMemory.putInt(descriptor + 12, DESCRIPTOR_F_INDIRECT);
        makeAvailable(chain);
    }

    private void write(long descriptor, int buffer, boolean continues, int next) {
        HostMemory.putLong(descriptor, address[buffer]);
        HostMemory.putInt(descriptor + 8, length[buffer]);
        HostMemory.putInt(descriptor + 12, flags[buffer] | (continues ? DESCRIPTOR_F_NEXT | next << 16 : 0));
    }

    private void makeAvailable(int chain) {
        HostMemory.putShort(
                available + ENTRIES_OFFSET + (long) (nextAvailable & mask) * AVAILABLE_ENTRY_SIZE, (short) chain);
        nextAvailable++;
    }

    @Override
    public boolean publish() {
        short before = publishedAvailable;
        publishedAvailable = nextAvailable;
        HostMemory.putShortRelease(available + INDEX_OFFSET, nextAvailable);
        VarHandle.fullFence(); // the index must be visible before the device's wish is read
        return wantsKick(before, nextAvailable);
    }

    @Override
    public boolean isKickWanted() {
        VarHandle.fullFence();
        return wantsKick(nextAvailable, (short) (nextAvailable + 1));
    }

    private boolean wantsKick(short before, short now) {
        if (eventIndex) {
            short event = HostMemory.getShort(used + SplitRingLayout.availableEventOffset(size));
            return SplitRingLayout.passed(event, now, before);
        }
        return before != now && (HostMemory.getShort(used + FLAGS_OFFSET) & USED_F_NO_NOTIFY) == 0;
    }

    @Override
    long readUsed() {
        if (HostMemory.getShortAcquire(used + INDEX_OFFSET) == nextUsed) {
            return NONE;
        }
        return HostMemory.getLong(used + ENTRIES_OFFSET + (long) (nextUsed & mask) * USED_ENTRY_SIZE);
    }

    @Override
    void advance(int chain) {
        nextUsed++;
    }

    @Override
    void ask(boolean wanted) {
        if (eventIndex) { // a stale event index stays silent for the next 65,535 chains
            HostMemory.putShort(
                    available + SplitRingLayout.usedEventOffset(size), wanted ? nextUsed : (short) (nextUsed - 1));
        } else {
            HostMemory.putShort(available + FLAGS_OFFSET, (short) (wanted ? 0 : AVAILABLE_F_NO_INTERRUPT));
        }
        VarHandle.fullFence();
    }
}
