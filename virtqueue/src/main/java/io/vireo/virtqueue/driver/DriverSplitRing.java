package io.vireo.virtqueue.driver;

import static io.vireo.virtqueue.SplitRingLayout.AVAILABLE_ENTRY_SIZE;
import static io.vireo.virtqueue.SplitRingLayout.AVAILABLE_F_NO_INTERRUPT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_NEXT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_WRITE;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_SIZE;
import static io.vireo.virtqueue.SplitRingLayout.ENTRIES_OFFSET;
import static io.vireo.virtqueue.SplitRingLayout.FLAGS_OFFSET;
import static io.vireo.virtqueue.SplitRingLayout.INDEX_OFFSET;
import static io.vireo.virtqueue.SplitRingLayout.USED_ENTRY_SIZE;
import static io.vireo.virtqueue.SplitRingLayout.USED_F_NO_NOTIFY;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.SplitRingLayout;
import java.lang.invoke.VarHandle;

/**
 * The driver side of one split virtqueue. Confined to one thread.
 *
 * <p>A chain is built with {@link #add} calls between {@link #begin} and {@link #end}, shown to the device with {@link
 * #publish}, and comes back through {@link #pollUsed}.
 */
public final class DriverSplitRing {
    /** What {@link #pollUsed} answers when nothing came back. */
    public static final long NONE = -1;

    private final int size;
    private final int mask;
    private final long descriptors;
    private final long available;
    private final long used;
    private final boolean eventIndex;

    /** Free descriptors are linked through this; their content in shared memory is nobody's business. */
    private final int[] nextFree;
    /** The number of descriptors of the chain that starts here. */
    private final int[] chainLength;

    private int freeHead;
    private int free;
    private short nextAvailable;
    private short publishedAvailable;
    private short nextUsed;
    private int chainHead;
    private int chainTail;

    /**
     * Takes up a fresh ring: its memory is zeroed.
     *
     * @param memory absolute address of {@link #memorySize} bytes, aligned to 16
     */
    public DriverSplitRing(long memory, int size, boolean eventIndex) {
        this.size = size;
        this.mask = size - 1;
        this.eventIndex = eventIndex;
        descriptors = memory;
        available = descriptors + SplitRingLayout.descriptorTableSize(size);
        used = align(available + SplitRingLayout.availableRingSize(size));
        nextFree = new int[size];
        chainLength = new int[size];
        for (int i = 0; i < size; i++) {
            nextFree[i] = i + 1;
        }
        free = size;
        HostMemory.fill(memory, memorySize(size), (byte) 0);
    }

    /** The bytes that a ring of {@code size} entries needs. */
    public static long memorySize(int size) {
        return align(SplitRingLayout.descriptorTableSize(size) + SplitRingLayout.availableRingSize(size))
                + SplitRingLayout.usedRingSize(size);
    }

    private static long align(long address) {
        return (address + 15) & -16;
    }

    public long descriptors() {
        return descriptors;
    }

    public long available() {
        return available;
    }

    public long used() {
        return used;
    }

    public int size() {
        return size;
    }

    public int freeDescriptors() {
        return free;
    }

    /** The descriptor that the next {@link #add} takes, so that a driver can keep a buffer for each descriptor. */
    public int nextDescriptor() {
        return freeHead;
    }

    public void begin() {
        chainHead = -1;
    }

    /** Adds a buffer to the chain under construction; there must be a free descriptor. */
    public void add(long guestAddress, int length, boolean deviceWrites) {
        int index = freeHead;
        freeHead = nextFree[index];
        free--;
        long descriptor = descriptors + (long) index * DESCRIPTOR_SIZE;
        HostMemory.putLong(descriptor, guestAddress);
        HostMemory.putInt(descriptor + 8, length);
        HostMemory.putShort(descriptor + 12, (short) (deviceWrites ? DESCRIPTOR_F_WRITE : 0));
        if (chainHead < 0) {
            chainHead = index;
            chainLength[index] = 1;
        } else {
            long tail = descriptors + (long) chainTail * DESCRIPTOR_SIZE;
            HostMemory.putShort(tail + 12, (short) (HostMemory.getShort(tail + 12) | DESCRIPTOR_F_NEXT));
            HostMemory.putShort(tail + 14, (short) index);
            chainLength[chainHead]++;
        }
        chainTail = index;
        nextFree[index] = -1;
    }

    /** Completes the chain. @return its head, by which it will come back */
    public int end() {
        HostMemory.putShort(
                available + ENTRIES_OFFSET + (long) (nextAvailable & mask) * AVAILABLE_ENTRY_SIZE, (short) chainHead);
        nextAvailable++;
        return chainHead;
    }

    /** Shows the device all completed chains. @return whether it asked for a kick (2.7.10.2) */
    public boolean publish() {
        short before = publishedAvailable;
        publishedAvailable = nextAvailable;
        HostMemory.putShortRelease(available + INDEX_OFFSET, nextAvailable);
        VarHandle.fullFence(); // the index must be visible before the device's wish is read
        if (eventIndex) {
            short event = HostMemory.getShort(used + SplitRingLayout.availableEventOffset(size));
            return SplitRingLayout.passed(event, nextAvailable, before);
        }
        return before != nextAvailable && (HostMemory.getShort(used + FLAGS_OFFSET) & USED_F_NO_NOTIFY) == 0;
    }

    /**
     * Takes the next used chain back and frees its descriptors.
     *
     * @return its head in the low, the bytes written in the high 32 bits, or {@link #NONE}
     * @throws IllegalStateException if the device returned a chain that it does not hold
     */
    public long pollUsed() {
        if (HostMemory.getShortAcquire(used + INDEX_OFFSET) == nextUsed) {
            return NONE;
        }
        long entry = HostMemory.getLong(used + ENTRIES_OFFSET + (long) (nextUsed & mask) * USED_ENTRY_SIZE);
        nextUsed++;
        release((int) entry);
        return entry;
    }

    private void release(int head) {
        if (head < 0 || head >= size || chainLength[head] == 0) {
            throw new IllegalStateException("the device returned chain " + head + ", which it does not hold");
        }
        int index = head;
        for (int left = chainLength[head]; left > 0; left--) {
            int next = Short.toUnsignedInt(HostMemory.getShort(descriptors + (long) index * DESCRIPTOR_SIZE + 14));
            nextFree[index] = freeHead;
            freeHead = index;
            free++;
            index = next;
        }
        chainLength[head] = 0;
    }

    /** Asks for an interrupt at the next used chain, or for none. @return true if one came back meanwhile */
    public boolean requestInterrupts(boolean wanted) {
        if (eventIndex) { // a stale event index stays silent for the next 65,535 chains
            HostMemory.putShort(
                    available + SplitRingLayout.usedEventOffset(size), wanted ? nextUsed : (short) (nextUsed - 1));
        } else {
            HostMemory.putShort(available + FLAGS_OFFSET, (short) (wanted ? 0 : AVAILABLE_F_NO_INTERRUPT));
        }
        VarHandle.fullFence();
        return HostMemory.getShortAcquire(used + INDEX_OFFSET) != nextUsed;
    }
}
