package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.checksum.InternetChecksum;
import io.vireo.virtqueue.device.DescriptorChains;

/**
 * Ranges of bytes of a chain, whatever segments they are spread over. Ranges that follow each other are found without
 * walking the chain again. The chain is a guest's: its bytes may be others at every look, but their number is not.
 */
final class ChainReader {
    private DescriptorChains chains = new DescriptorChains(0, 0);
    private int firstSegment;
    /** A segment of the chain, and which byte of the chain its first one is. */
    private int segment;

    private long segmentStart;

    /** Moves to the beginning of a chain. */
    void begin(DescriptorChains of, int chain) {
        chains = of;
        firstSegment = of.firstSegment[chain];
        segment = firstSegment;
        segmentStart = 0;
    }

    /** The partial sum of {@code length} bytes from byte {@code offset} of the chain on, all inside it. */
    long sum(long offset, long length) {
        if (length == 0) {
            return 0;
        }
        seek(offset);
        long sum = 0;
        long done = 0;
        long skip = offset - segmentStart;
        for (int at = segment; done < length; at++) {
            long part = Math.min(length - done, chains.length[at] - skip);
            long from = chains.address[at] + skip;
            long partSum = InternetChecksum.sum(HostMemory.segment(from), HostMemory.offset(from), part);
            sum = InternetChecksum.append(sum, partSum, done);
            done += part;
            skip = 0;
        }
        return sum;
    }

    /** Writes {@code length} bytes from byte {@code offset} of the chain on, all inside it. */
    void write(long offset, long length, BufferWriter to) {
        if (length == 0) {
            return;
        }
        seek(offset);
        long left = length;
        long skip = offset - segmentStart;
        for (int at = segment; left > 0; at++) {
            long part = Math.min(left, chains.length[at] - skip);
            to.write(chains.address[at] + skip, part);
            left -= part;
            skip = 0;
        }
    }

    /** Moves to the segment that holds byte {@code offset}. */
    private void seek(long offset) {
        if (offset < segmentStart) {
            segment = firstSegment;
            segmentStart = 0;
        }
        while (offset - segmentStart >= chains.length[segment]) {
            segmentStart += chains.length[segment];
            segment++;
        }
    }
}
