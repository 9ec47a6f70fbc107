package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.DescriptorChains;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one visit to a transmit ring, as parallel arrays. Frame {@code i} is chain {@code i}; its first bytes lie in
 * a private slot, virtio-net header first:
 *
 * <pre>
 *   slot   | virtio-net header 12 | frame, at most 128 |     private: decided upon, changed
 *   chain  | ........... the same bytes .............. | payload ...... |     read once more: the payload alone
 * </pre>
 */
public final class FrameBatch {
    /** Chains taken in one visit. */
    public static final int MAX_FRAMES = 64;
    /** Bytes of a frame on which decisions may depend. */
    public static final int HEADER_BYTES = 128;

    private static final int SLOT_SIZE = 192;

    /** Bytes of private memory that a batch needs. */
    public static final int MEMORY_SIZE = MAX_FRAMES * SLOT_SIZE;

    private static final int MAX_SEGMENTS = 4096;

    final DescriptorChains chains = new DescriptorChains(MAX_FRAMES, MAX_SEGMENTS);
    /** Bytes of the frame as it will be sent, without the virtio-net header. */
    final int[] length = new int[MAX_FRAMES];
    /** How many of them are in the slot. */
    final int[] visible = new int[MAX_FRAMES];

    final @Nullable NetPort[] destination = new NetPort[MAX_FRAMES];
    /** First and number of the receiver's chains reserved for the frame; no chains: it goes to the backlog. */
    final int[] firstBuffer = new int[MAX_FRAMES];

    final int[] buffers = new int[MAX_FRAMES];
    final long[] backlogAddress = new long[MAX_FRAMES];

    private final long slots;

    /** @param memory absolute address of {@link #MEMORY_SIZE} bytes, this batch's alone */
    public FrameBatch(long memory) {
        slots = memory;
    }

    long slot(int frame) {
        return slots + (long) frame * SLOT_SIZE;
    }

    /** Where the frame's Ethernet header is. */
    long frameAddress(int frame) {
        return slot(frame) + VirtioNetHeader.SIZE;
    }

    public int length(int frame) {
        return length[frame];
    }

    /** Copies the head of every chain into its slot: the only time that headers are read from the guest. */
    void readHeaders() {
        for (int frame = 0; frame < chains.count(); frame++) {
            int total = chains.bytes[frame];
            int wanted = Math.min(total, VirtioNetHeader.SIZE + HEADER_BYTES);
            readHeader(frame, wanted);
            length[frame] = total - VirtioNetHeader.SIZE;
            visible[frame] = wanted - VirtioNetHeader.SIZE;
        }
    }

    private void readHeader(int frame, int wanted) {
        long to = slot(frame);
        long left = wanted;
        for (int segment = chains.firstSegment[frame]; left > 0; segment++) {
            long part = Math.min(left, chains.length[segment]);
            HostMemory.copy(chains.address[segment], to, part);
            to += part;
            left -= part;
        }
    }

    /** Makes the frame one that is wholly in its slot. */
    void replace(int frame, int bytes) {
        length[frame] = bytes;
        visible[frame] = bytes;
    }

    /** Writes a frame: the slot, virtio-net header included, then the payload straight from the sender's memory. */
    public void write(int frame, BufferWriter writer) {
        long skip = (long) VirtioNetHeader.SIZE + visible[frame];
        writer.write(slot(frame), skip);
        long left = (long) length[frame] - visible[frame];
        for (int segment = chains.firstSegment[frame]; left > 0; segment++) {
            long bytes = chains.length[segment];
            if (skip < bytes) {
                long part = Math.min(left, bytes - skip);
                writer.write(chains.address[segment] + skip, part);
                left -= part;
                skip = 0;
            } else {
                skip -= bytes;
            }
        }
    }
}
