package io.vireo.virtqueue.device;

import io.vireo.hugepages.GuestMemory;

/**
 * A batch of descriptor chains as parallel arrays, addresses already translated. Filled by a ring, read by whoever serves
 * the batch, reused without allocation; confined to one thread.
 *
 * <p>Chain {@code c} has the segments {@code firstSegment[c]} to {@code firstSegment[c + 1]} (exclusive), of non-zero
 * length each, and {@code bytes[c]} in all. Those from {@code firstWritable[c]} on are for the device to write.
 */
public final class DescriptorChains {
    private static final int NONE = -1;

    /** By what the driver knows each chain, to be given back: the index of its head, or its buffer id. */
    public final int[] head;

    /** Where in the ring each chain lies: see {@link DeviceRing#rewind}. */
    public final int[] position;

    /** Where in the ring the next chain lies. */
    final int[] end;

    public final int[] firstSegment;
    public final int[] firstWritable;
    /** Sum of the segments' lengths; more than an int can say is cut to its maximum. */
    public final int[] bytes;

    /** Absolute address in this process. */
    public final long[] address;
    /** Bytes, 1 to 2^32-1. */
    public final long[] length;

    private int count;
    private int segments;

    /** Of the chain under construction. */
    private long openBytes;

    private int openWritable = NONE;

    /** Room for {@code chains} chains of {@code segments} segments in all. */
    public DescriptorChains(int chains, int segments) {
        head = new int[chains];
        position = new int[chains];
        end = new int[chains];
        firstSegment = new int[chains + 1];
        firstWritable = new int[chains];
        bytes = new int[chains];
        address = new long[segments];
        length = new long[segments];
    }

    public int count() {
        return count;
    }

    /** Forgets all chains from number {@code chains} on. */
    public void truncate(int chains) {
        count = chains;
        dropSegments();
    }

    public void clear() {
        truncate(0);
    }

    /** Whether a chain of up to {@code longest} segments still fits. */
    public boolean hasRoom(int longest) {
        return count < head.length && segments + longest <= address.length;
    }

    /** How many chains of one segment each still fit. */
    int room() {
        return Math.min(head.length - count, address.length - segments);
    }

    /** From here on the segments of the chain under construction are writable. */
    void beginWritable() {
        if (openWritable == NONE) {
            openWritable = segments;
        }
    }

    /** Whether the chain under construction has come to its writable segments. */
    boolean isWritable() {
        return openWritable != NONE;
    }

    void addSegment(long hostAddress, long bytesLong) {
        address[segments] = hostAddress;
        length[segments] = bytesLong;
        segments++;
        openBytes += bytesLong;
    }

    /** Closes the chain made of the segments added since the last one; it lies from {@code from} to {@code to} (exclusive). */
    void addChain(int id, int from, int to) {
        int writable = openWritable == NONE ? segments : openWritable;
        addChain(id, from, to, writable, openBytes);
        openBytes = 0;
        openWritable = NONE;
    }

    /**
     * Adds chains of one segment and one entry of the ring each, up to the first whose range is empty or not the guest's.
     * Array by array: a loop over all of them at once would not fit into a processor's registers.
     *
     * @param count as many as there is {@link #room} for at most
     * @param ids by what the driver knows them
     * @param from where in the ring the first lies
     * @return how many were added
     */
    int addRun(
            GuestMemory memory, int count, int[] ids, long[] guestAddresses, long[] lengths, int from, Direction way) {
        int chain = this.count;
        int segment = segments;
        System.arraycopy(lengths, 0, length, segment, count);
        int run = memory.translate(guestAddresses, length, address, segment, count);
        System.arraycopy(ids, 0, head, chain, run);
        fillFrom(position, chain, run, from);
        fillFrom(end, chain, run, from + 1);
        fillFrom(firstSegment, chain + 1, run, segment + 1);
        fillFrom(firstWritable, chain, run, way == Direction.WRITABLE ? segment : segment + 1);
        for (int i = 0; i < run; i++) {
            bytes[chain + i] = (int) Math.min(length[segment + i], Integer.MAX_VALUE);
        }
        this.count = chain + run;
        segments = segment + run;
        return run;
    }

    private static void fillFrom(int[] array, int at, int count, int first) {
        for (int i = 0; i < count; i++) {
            array[at + i] = first + i;
        }
    }

    /** Adds a chain of one readable segment that no ring knows of: its like cannot be completed. */
    public void addOwn(long hostAddress, long bytesLong) {
        int first = segments;
        address[first] = hostAddress;
        length[first] = bytesLong;
        segments = first + 1;
        addChain(0, 0, 1, first + 1, bytesLong);
    }

    private void addChain(int id, int from, int to, int writable, long totalBytes) {
        int chain = count;
        head[chain] = id;
        position[chain] = from;
        end[chain] = to;
        firstWritable[chain] = writable;
        bytes[chain] = (int) Math.min(totalBytes, Integer.MAX_VALUE);
        firstSegment[chain + 1] = segments;
        count = chain + 1;
    }

    /** Forgets the segments added since the last complete chain. */
    void dropSegments() {
        segments = firstSegment[count];
        openBytes = 0;
        openWritable = NONE;
    }
}
