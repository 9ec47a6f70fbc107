package io.vireo.virtqueue.device;

import io.vireo.hugepages.GuestMemory;
import io.vireo.virtqueue.PackedRingLayout;
import io.vireo.virtqueue.SplitRingLayout;

/**
 * Where a ring's three parts lie in this process (virtio 1.3, 2.6).
 *
 * @param size entries, a power of two
 * @param descriptors absolute address of the descriptor area: a split ring's table, or the packed ring itself
 * @param driver absolute address of the driver area: the available ring, or the driver's event suppression
 * @param device absolute address of the device area: the used ring, or the device's event suppression
 */
public record RingPlace(int size, long descriptors, long driver, long device) {
    /**
     * Finds a split ring's parts in a guest's memory; addresses are the frontend's own.
     *
     * @throws IllegalArgumentException naming the part that is misaligned or not wholly inside one region
     */
    public static RingPlace split(GuestMemory memory, int size, long descriptors, long available, long used) {
        checkSize(size);
        return new RingPlace(
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

    /** The same for a packed ring. */
    public static RingPlace packed(GuestMemory memory, int size, long descriptors, long driver, long device) {
        checkSize(size);
        return new RingPlace(
                size,
                locate(
                        memory,
                        "descriptor ring",
                        descriptors,
                        PackedRingLayout.descriptorRingSize(size),
                        PackedRingLayout.DESCRIPTOR_ALIGNMENT),
                locateEvents(memory, "driver event suppression", driver),
                locateEvents(memory, "device event suppression", device));
    }

    private static void checkSize(int size) {
        if (Integer.bitCount(size) != 1 || size > SplitRingLayout.MAX_SIZE) {
            throw new IllegalArgumentException("queue size " + size + " is no power of two up to 32768");
        }
    }

    private static long locateEvents(GuestMemory memory, String part, long address) {
        return locate(memory, part, address, PackedRingLayout.EVENT_SIZE, PackedRingLayout.EVENT_ALIGNMENT);
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
