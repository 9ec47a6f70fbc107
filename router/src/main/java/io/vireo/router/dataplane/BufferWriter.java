package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.device.DescriptorChains;
import org.jspecify.annotations.Nullable;

/** Writes a stream of bytes into the segments of consecutive chains, or into one piece of memory. */
public final class BufferWriter {
    private @Nullable DescriptorChains chains;
    private int nextSegment;
    private long address;
    private long room;

    /** Begins at {@code chain}; the chains from there on have room for all that will be written. */
    BufferWriter into(DescriptorChains into, int chain) {
        chains = into;
        nextSegment = into.firstSegment[chain];
        room = 0;
        return this;
    }

    /** Begins at an address with room for all that will be written. */
    public BufferWriter into(long start) {
        chains = null;
        address = start;
        room = Long.MAX_VALUE;
        return this;
    }

    void write(long source, long length) {
        long from = source;
        long left = length;
        while (left > room) {
            if (room > 0) {
                HostMemory.copy(from, address, room);
                from += room;
                left -= room;
            }
            advance();
        }
        HostMemory.copy(from, address, left);
        address += left;
        room -= left;
    }

    private void advance() {
        if (chains == null) {
            throw new IllegalStateException("one piece of memory has no end");
        }
        address = chains.address[nextSegment];
        room = chains.length[nextSegment];
        nextSegment++;
    }
}
