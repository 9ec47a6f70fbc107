package io.vireo.virtqueue.device;

/**
 * A batch of descriptor chains as parallel arrays, addresses already translated. Filled by a ring, read by whoever serves
 * the batch, reused without allocation; confined to one thread.
 *
 * <p>Chain {@code c} has the segments {@code firstSegment[c]} to {@code firstSegment[c + 1]} (exclusive), of non-zero
 * length each, and {@code bytes[c]} in all.
 */
public final class DescriptorChains {
    /** By what the driver knows each chain, to be given back: the index of its head, or its buffer id. */
    public final int[] head;

    /** Where in the ring each chain lies: see {@link DeviceRing#rewind}. */
    public final int[] position;

    public final int[] firstSegment;
    /** Sum of the segments' lengths; more than an int can say is cut to its maximum. */
    public final int[] bytes;

    /** Absolute address in this process. */
    public final long[] address;
    /** Bytes, 1 to 2^32-1. */
    public final long[] length;

    private int count;
    private int segments;

    /** Room for {@code chains} chains of {@code segments} segments in all. */
    public DescriptorChains(int chains, int segments) {
        head = new int[chains];
        position = new int[chains];
        firstSegment = new int[chains + 1];
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
        segments = firstSegment[chains];
    }

    public void clear() {
        truncate(0);
    }

    /** Whether a chain of up to {@code longest} segments still fits. */
    public boolean hasRoom(int longest) {
        return count < head.length && segments + longest <= address.length;
    }

    void addSegment(long hostAddress, long bytesLong) {
        address[segments] = hostAddress;
        length[segments] = bytesLong;
        segments++;
    }

    /** Closes the chain made of the segments added since the last one. */
    void addChain(int id, int place, long totalBytes) {
        head[count] = id;
        position[count] = place;
        bytes[count] = (int) Math.min(totalBytes, Integer.MAX_VALUE);
        count++;
        firstSegment[count] = segments;
    }

    /** Forgets the segments added since the last complete chain. */
    void dropSegments() {
        segments = firstSegment[count];
    }
}
