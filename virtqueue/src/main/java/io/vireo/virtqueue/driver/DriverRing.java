package io.vireo.virtqueue.driver;

import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_WRITE;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_SIZE;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.Features;

/**
 * The driver side of one virtqueue. Confined to one thread.
 *
 * <p>A chain is built with {@link #add} calls between {@link #begin} and {@link #end}, shown to the device with {@link
 * #publish}, and comes back through {@link #pollUsed}. With RING_INDIRECT_DESC a chain of two to sixteen buffers is put in
 * an indirect table.
 *
 * <p>Each buffer takes a slot, of which there are as many as the ring has entries, whatever the format. A chain is known by
 * the slot of its first buffer.
 */
public abstract sealed class DriverRing permits DriverPackedRing, DriverSplitRing {
    /** What {@link #pollUsed} answers when nothing came back. */
    public static final long NONE = -1;

    private static final int TABLE_ENTRIES = 16;
    private static final int TABLE_SIZE = TABLE_ENTRIES * DESCRIPTOR_SIZE;

    final int size;
    final int mask;
    final long descriptors;
    final long available;
    final long used;
    final boolean eventIndex;

    private final boolean indirect;
    private final boolean inOrder;
    /** Indirect tables, one for each slot, in this process and for the device. */
    private final long tables;

    private final long guestTables;

    /** Links free slots, and those of a chain. */
    private final int[] nextSlot;

    private final int[] chainTail;
    private final int[] chainSlots;
    private final int[] chainWritable;
    private int freeHead;
    private int freeTail;
    private int free;

    /** The buffers of the chain under construction. */
    final long[] address;

    final int[] length;
    final int[] flags;
    private int buffers;
    private int head;
    private int tail;
    private int writable;

    /** Heads in the order in which they were offered; kept with IN_ORDER alone. */
    private final int[] offered;

    private int firstOffered;
    private int nextOffered;
    /** What the device said of a batch that is not yet given back wholly: its last chain. */
    private long batch = NONE;

    DriverRing(Parts parts, int size, long features) {
        this.size = size;
        mask = size - 1;
        descriptors = parts.descriptors();
        available = parts.available();
        used = parts.used();
        tables = parts.tables();
        guestTables = parts.guestTables();
        eventIndex = has(features, Features.RING_EVENT_IDX);
        indirect = has(features, Features.RING_INDIRECT_DESC);
        inOrder = has(features, Features.IN_ORDER);
        nextSlot = new int[size];
        chainTail = new int[size];
        chainSlots = new int[size];
        chainWritable = new int[size];
        address = new long[size];
        length = new int[size];
        flags = new int[size];
        offered = new int[size];
        for (int i = 0; i < size; i++) {
            nextSlot[i] = i + 1;
        }
        freeTail = size - 1;
        free = size;
    }

    /** Where a ring's parts lie: descriptor area, driver area, device area, and indirect tables. */
    record Parts(long descriptors, long available, long used, long tables, long guestTables) {}

    /**
     * Takes up a fresh ring: its memory is zeroed.
     *
     * @param memory absolute address of {@link #memorySize} bytes, aligned to 64
     * @param guestMemory the same as the device knows it
     * @param features the negotiated features: they decide on format and options
     */
    public static DriverRing create(long memory, long guestMemory, int size, long features) {
        long areas = areasSize(size, features);
        HostMemory.fill(memory, memorySize(size, features), (byte) 0);
        if (has(features, Features.RING_PACKED)) {
            long events = memory + DriverPackedRing.eventsOffset(size);
            Parts parts = new Parts(
                    memory, events, events + DriverPackedRing.EVENTS_STRIDE, memory + areas, guestMemory + areas);
            return new DriverPackedRing(parts, size, features);
        }
        Parts parts = new Parts(
                memory,
                memory + DriverSplitRing.availableOffset(size),
                memory + DriverSplitRing.usedOffset(size),
                memory + areas,
                guestMemory + areas);
        return new DriverSplitRing(parts, size, features);
    }

    /** The bytes that a ring of {@code size} entries needs. */
    public static long memorySize(int size, long features) {
        return areasSize(size, features) + (has(features, Features.RING_INDIRECT_DESC) ? (long) size * TABLE_SIZE : 0);
    }

    private static long areasSize(int size, long features) {
        long areas = has(features, Features.RING_PACKED)
                ? DriverPackedRing.areasSize(size)
                : DriverSplitRing.areasSize(size);
        return (areas + DESCRIPTOR_SIZE - 1) & -DESCRIPTOR_SIZE;
    }

    private static boolean has(long features, long feature) {
        return (features & feature) != 0;
    }

    public final long descriptors() {
        return descriptors;
    }

    /** The driver area: the available ring, or the driver's event suppression. */
    public final long available() {
        return available;
    }

    /** The device area: the used ring, or the device's event suppression. */
    public final long used() {
        return used;
    }

    public final int size() {
        return size;
    }

    /** Where a backend begins with this ring while it is fresh, as vhost-user's SET_VRING_BASE says it. */
    public abstract int initialBase();

    public final int freeDescriptors() {
        return free;
    }

    /** The slot that the next {@link #add} takes, so that a driver can keep a buffer for each. */
    public final int nextDescriptor() {
        return freeHead;
    }

    // ---- offering

    public final void begin() {
        buffers = 0;
        writable = 0;
        head = freeHead;
    }

    /** Adds a buffer to the chain under construction; there must be a free slot. */
    public final void add(long guestAddress, int bytes, boolean deviceWrites) {
        tail = freeHead; // a chain's slots stay linked as they were when they were free
        freeHead = nextSlot[tail];
        free--;
        address[buffers] = guestAddress;
        length[buffers] = bytes;
        flags[buffers] = deviceWrites ? DESCRIPTOR_F_WRITE : 0;
        buffers++;
        writable += deviceWrites ? bytes : 0;
    }

    /** Completes the chain. @return its head, by which it will come back */
    public final int end() {
        chainTail[head] = tail;
        chainSlots[head] = buffers;
        chainWritable[head] = writable;
        if (inOrder) {
            offered[nextOffered++ & mask] = head;
        }
        if (indirect && buffers > 1 && buffers <= TABLE_ENTRIES) {
            long table = (long) head * TABLE_SIZE;
            offerTable(head, buffers, tables + table, guestTables + table);
        } else {
            offerChain(head, buffers);
        }
        return head;
    }

    final int nextInChain(int slot) {
        return nextSlot[slot];
    }

    /** Makes the buffers of the chain under construction available, not yet visible, as a chain of descriptors. */
    abstract void offerChain(int chain, int count);

    /** The same as an indirect table, to be written at {@code table}. */
    abstract void offerTable(int chain, int count, long table, long guestTable);

    /** Shows the device all completed chains. @return whether it asked for a kick (2.7.10.2, 2.8.21.2) */
    public abstract boolean publish();

    /** Whether the device asks for a kick at the next chain. */
    public abstract boolean isKickWanted();

    // ---- taking back

    /**
     * Takes the next used chain back and frees its slots. Where the device told of the last chain of a batch alone, the
     * others count as written to their end (2.7.9, 2.8.9).
     *
     * @return its head in the low, the bytes written in the high 32 bits, or {@link #NONE}
     * @throws IllegalStateException if the device returned a chain that it does not hold
     */
    public final long pollUsed() {
        if (batch == NONE) {
            long next = readUsed();
            if (next == NONE) {
                return NONE;
            }
            check((int) next);
            batch = next;
        }
        int last = (int) batch;
        int chain = inOrder ? offered[firstOffered++ & mask] : last;
        advance(chain);
        release(chain);
        if (chain != last) {
            return (long) chainWritable[chain] << 32 | chain;
        }
        long answer = batch;
        batch = NONE;
        return answer;
    }

    private void check(int chain) {
        if (chain < 0 || chain >= size || chainSlots[chain] == 0) {
            throw new IllegalStateException("the device returned chain " + chain + ", which it does not hold");
        }
    }

    /** What the device says next, which {@link #advance} leaves behind. @return as {@link #pollUsed} */
    abstract long readUsed();

    /** Goes on to where the device tells of what it uses after this chain. */
    abstract void advance(int chain);

    private void release(int chain) {
        int last = chainTail[chain];
        if (free == 0) {
            freeHead = chain;
            freeTail = last;
        } else if (inOrder) { // 2.7.5.4: descriptors are used in the order of the table, round and round
            nextSlot[freeTail] = chain;
            freeTail = last;
        } else {
            nextSlot[last] = freeHead;
            freeHead = chain;
        }
        free += chainSlots[chain];
        chainSlots[chain] = 0;
    }

    /** Asks for an interrupt at the next used chain, or for none. @return true if one came back meanwhile */
    public final boolean requestInterrupts(boolean wanted) {
        ask(wanted);
        return batch != NONE || readUsed() != NONE;
    }

    /** Writes the wish, and makes it visible before anything is read. */
    abstract void ask(boolean wanted);
}
