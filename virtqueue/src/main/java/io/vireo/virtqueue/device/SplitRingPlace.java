package io.vireo.virtqueue.device;

import io.vireo.hugepages.GuestMemory;
import io.vireo.virtqueue.SplitRingLayout;

/**
 * Where a split ring's parts lie in this process.
 *
 * @param size entries, a power of two
 * @param descriptors absolute address of the descriptor table
 * @param available absolute address of the available ring
 * @param used absolute address of the used ring
 */
public record SplitRingPlace(int size, long descriptors, long available, long used) {
    /**
     * Finds the parts in a guest's memory; addresses are the frontend's own.
     *
     * @throws IllegalArgumentException naming the part that is misaligned or not wholly inside one region
     */
    public static SplitRingPlace locate(GuestMemory memory, int size, long descriptors, long available, long used) {
        if (Integer.bitCount(size) != 1 || size > SplitRingLayout.MAX_SIZE) {
            throw new IllegalArgumentException("queue size " + size + " is no power of two up to 32768");
        }
        return new SplitRingPlace(
                size,
                locate(
                        memory,
                        "descriptor table",
                        descriptors,
                        SplitRingLayout.descriptorTableSize(size),
                        SplitRingLayout.DESCRIPTOR_ALIGNMENT),
                locate(
                        memory,
                        "available ring",
                        available,
                        SplitRingLayout.availableRingSize(size),
                        SplitRingLayout.AVAILABLE_ALIGNMENT),
                locate(memory, "used ring", used, SplitRingLayout.usedRingSize(size), SplitRingLayout.USED_ALIGNMENT));
    }

    private static long locate(GuestMemory memory, String part, long address, long length, int alignment) {
        long host = memory.translateUser(address, length);
        if (host == GuestMemory.INVALID) {
            throw new IllegalArgumentException("%s at 0x%x, %d bytes, is not inside one region of the guest's memory"
                    .formatted(part, address, length));
        }
        // 2.7: alignments are of guest addresses; what the atomic accesses need is that of the mapping
        if ((host & (alignment - 1)) != 0) {
            throw new IllegalArgumentException("%s at 0x%x is not aligned to %d".formatted(part, address, alignment));
        }
        return host;
    }
}
