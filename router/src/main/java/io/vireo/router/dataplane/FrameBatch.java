package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.DescriptorChains;
import java.util.Arrays;
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

    /** One entry more, for a segment in the making: a frame that is no chain of its own. */
    static final int SEGMENT = MAX_FRAMES;

    private static final int ENTRIES = MAX_FRAMES + 1;
    private static final int SLOT_SIZE = 192;
    private static final int CACHE_LINE = 64;

    /** Bytes of private memory that a batch needs. */
    public static final int MEMORY_SIZE = ENTRIES * SLOT_SIZE;

    private static final int MAX_SEGMENTS = 4096;

    final DescriptorChains chains = new DescriptorChains(MAX_FRAMES, MAX_SEGMENTS);
    /** Bytes of the frame as it will be sent, without the virtio-net header. */
    final int[] length = new int[ENTRIES];
    /** How many of them are in the slot. */
    final int[] visible = new int[MAX_FRAMES];

    final @Nullable NetPort[] destination = new NetPort[MAX_FRAMES];
    /** First and number of the receiver's chains reserved for the frame; no chains: it waits elsewhere. */
    final int[] firstBuffer = new int[ENTRIES];

    final int[] buffers = new int[ENTRIES];
    /** Where the frame goes as one piece: a buffer, a backlog or another reactor; {@link #SCATTERED} if several segments are needed. */
    final long[] target = new long[ENTRIES];

    static final long SCATTERED = 0;

    /** The frame's flow: {@link FlowHash}; for receivers with several queues alone. */
    final int[] hash = new int[ENTRIES];

    /** Frames that leave something to be done: bit {@code i} is frame {@code i}'s, whose request then counts. */
    long offloads;

    /** Frames that go to the host, and not to a port: bit {@code i} is frame {@code i}'s. */
    long uplink;

    private final OffloadRequest[] requests = new OffloadRequest[MAX_FRAMES];

    private final long slots;

    /** Of no meaning; keeps {@link #fetch} from being compiled away. */
    long fetched;

    /** @param memory absolute address of {@link #MEMORY_SIZE} bytes, this batch's alone */
    public FrameBatch(long memory) {
        slots = memory;
        Arrays.setAll(requests, i -> new OffloadRequest());
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

    /** Adds a frame in our own memory, which is no ring's; {@link #readHeaders} does the rest. */
    void addOwn(NetPort to, int flow, long address, int bytes) {
        int frame = chains.count();
        chains.addOwn(address, bytes);
        destination[frame] = to;
        hash[frame] = flow;
    }

    /**
     * Copies the head of every chain into its slot: the only time that headers are read from the guest.
     *
     * @param plain whether the sender negotiated no offload: then its virtio-net headers say nothing (virtio 1.3, 5.1.6.2.1:
     *     all zeros), and their cache lines are not fetched from its processor
     */
    void readHeaders(boolean plain) {
        int skipped = plain ? VirtioNetHeader.SIZE : 0;
        fetched = fetch(skipped);
        for (int frame = 0; frame < chains.count(); frame++) {
            int total = chains.bytes[frame];
            int wanted = Math.min(total, VirtioNetHeader.SIZE + HEADER_BYTES);
            int first = chains.firstSegment[frame];
            if (wanted > skipped && chains.length[first] >= wanted) {
                HostMemory.copy(chains.address[first] + skipped, slot(frame) + skipped, (long) wanted - skipped);
            } else {
                gatherHeader(frame, wanted);
            }
            length[frame] = total - VirtioNetHeader.SIZE;
            visible[frame] = wanted - VirtioNetHeader.SIZE;
        }
        for (int frame = 0; plain && frame < chains.count(); frame++) {
            VirtioNetHeader.writePlain(slot(frame), 1);
        }
    }

    /**
     * Touches the first cache lines of every chain, so that the waits for them, which lie in another core's cache, overlap:
     * the loop is so short that the processor has many of its turns under way.
     */
    private long fetch(int skipped) {
        long all = 0;
        for (int frame = 0; frame < chains.count(); frame++) {
            if (chains.bytes[frame] != 0) {
                int first = chains.firstSegment[frame];
                long address = chains.address[first];
                long last = chains.length[first] - 1;
                all ^= HostMemory.getByte(address + Math.min(last, skipped))
                        ^ HostMemory.getByte(address + Math.min(last, skipped + CACHE_LINE - 1));
            }
        }
        return all;
    }

    private void gatherHeader(int frame, int wanted) {
        long to = slot(frame);
        long left = wanted;
        for (int segment = chains.firstSegment[frame]; left > 0; segment++) {
            long part = Math.min(left, chains.length[segment]);
            HostMemory.copy(chains.address[segment], to, part);
            to += part;
            left -= part;
        }
    }

    /** What the sender leaves to be done; only while the frame's bit in {@link #offloads} is set. */
    OffloadRequest request(int frame) {
        return requests[frame];
    }

    boolean hasOffload(int frame) {
        return (offloads & 1L << frame) != 0;
    }

    /** Reads a virtio-net header that is not plain. @return false if the frame is to be dropped for it */
    boolean tryReadRequest(int frame, long features) {
        OffloadRequest request = requests[frame];
        if (!request.tryRead(slot(frame), visible[frame], length[frame], features)) {
            return false;
        }
        length[frame] = request.length();
        visible[frame] = Math.min(visible[frame], request.length());
        if (!request.isPlain()) {
            offloads |= 1L << frame;
        }
        return true;
    }

    /** Whether the frame, or each segment of it, is longer than a port's link carries. */
    boolean isLonger(int frame, int limit) {
        return length[frame] > limit && (!hasOffload(frame) || requests[frame].longestFrame() > limit);
    }

    /** Makes the frame one that is wholly in its slot. */
    void replace(int frame, int bytes) {
        length[frame] = bytes;
        visible[frame] = bytes;
    }

    /** Takes off what follows the packet: padding. */
    void trim(int frame, int bytes) {
        length[frame] = Math.min(length[frame], bytes);
        visible[frame] = Math.min(visible[frame], bytes);
    }

    /** Whether what is not in the slot is in one piece. */
    private boolean isPayloadWhole(int frame) {
        return length[frame] == visible[frame]
                || chains.length[chains.firstSegment[frame]] >= (long) VirtioNetHeader.SIZE + length[frame];
    }

    /**
     * Writes a frame to {@link #target}: the slot, virtio-net header included, then the payload straight from the sender's
     * memory.
     */
    void write(int frame, BufferWriter writer) {
        long to = target[frame];
        if (!isPayloadWhole(frame)) {
            append(frame, writer.into(to));
            return;
        }
        long head = (long) VirtioNetHeader.SIZE + visible[frame];
        HostMemory.copy(slot(frame), to, head);
        if (length[frame] > visible[frame]) {
            long from = chains.address[chains.firstSegment[frame]];
            HostMemory.copy(from + head, to + head, (long) length[frame] - visible[frame]);
        }
    }

    /** The same to wherever the writer stands. */
    public void append(int frame, BufferWriter writer) {
        appendFrom(frame, -VirtioNetHeader.SIZE, writer);
    }

    /** The same without the first bytes of the frame, all of them in the slot. */
    void appendFrom(int frame, int skipped, BufferWriter writer) {
        writer.write(frameAddress(frame) + skipped, (long) visible[frame] - skipped);
        long skip = (long) VirtioNetHeader.SIZE + visible[frame];
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
