package io.vireo.virtqueue.device;

import static io.vireo.virtqueue.PackedRingLayout.DESCRIPTOR_F_AVAILABLE;
import static io.vireo.virtqueue.PackedRingLayout.DESCRIPTOR_F_USED;
import static io.vireo.virtqueue.PackedRingLayout.DESCRIPTOR_SIZE;
import static io.vireo.virtqueue.PackedRingLayout.FLAGS_SHIFT;
import static io.vireo.virtqueue.PackedRingLayout.REST_OFFSET;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.PackedRingLayout;

/**
 * Finds out where a packed ring stands by its descriptors' flags alone, for a device that takes it up from one that died: no
 * index is in memory, and frontends know no better than where the ring stood when it was last stopped. That is so where each
 * chain is one descriptor and has a used one of its own:
 *
 * <pre>
 *   completed, this lap | available | completed, one lap before          (any of them may be empty; the ring is a circle)
 *                       ^ here it stands
 *   completed | available | completed, unseen | available | ...          a batch of which the first, written last, is missing
 *             ^ here it stood              ^ here it goes on
 * </pre>
 */
final class PackedRingScan {
    /** What no position is. */
    static final int UNKNOWN = -1;

    private static final int AVAILABILITY = DESCRIPTOR_F_AVAILABLE | DESCRIPTOR_F_USED;

    private final long descriptors;
    private final int size;
    private int next = UNKNOWN;
    private int gap = UNKNOWN;

    PackedRingScan(long descriptors, int size) {
        this.descriptors = descriptors;
        this.size = size;
        for (int position = 0; position < 2 * size && next == UNKNOWN; position++) {
            if (isUsed(position - 1)
                    || isAvailable(position - 1 + size)) { // else it cannot be, and this is told at once
                tryAt(position);
            }
        }
    }

    /** The position behind all that was completed, or {@link #UNKNOWN} where the flags make no sense. */
    int next() {
        return next;
    }

    /** The position of the descriptor that is yet to be used before the driver sees those after it, or {@link #UNKNOWN}. */
    int gap() {
        return gap;
    }

    private void tryAt(int position) {
        int end = position + size;
        int at = position;
        boolean isGap = isAvailable(position) && isUsed(position + 1);
        if (isGap) {
            at++;
            while (at < end && isUsed(at)) {
                at++;
            }
        }
        int behind = at;
        while (at < end && isAvailable(at)) {
            at++;
        }
        while (at < end && isUsed(at - size)) {
            at++;
        }
        if (at == end) {
            next = behind;
            gap = isGap ? position : UNKNOWN;
        }
    }

    private boolean isAvailable(int position) {
        return availability(position) == PackedRingLayout.availableFlags(position, size);
    }

    private boolean isUsed(int position) {
        return availability(position) == PackedRingLayout.usedFlags(position, size);
    }

    private int availability(int position) {
        long descriptor = descriptors + (long) (position & (size - 1)) * DESCRIPTOR_SIZE;
        return (int) (HostMemory.getLong(descriptor + REST_OFFSET) >>> FLAGS_SHIFT) & AVAILABILITY;
    }
}
