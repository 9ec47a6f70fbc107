package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.checksum.InternetChecksum;
import io.vireo.protocols.segmentation.Segmenter;
import io.vireo.protocols.segmentation.TransportFrame;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.DescriptorChains;

/**
 * Does for a receiver what it did not negotiate: completes a checksum, or cuts a super-frame into segments. One for each
 * reactor, serving one frame at a time.
 *
 * <p>Payload is read from the sender's chain, once for the sum and once by the copy. A sender that changes it in between
 * has sent a frame with a wrong checksum.
 */
final class SoftwareOffload {
    private final Segmenter segmenter = new Segmenter();
    private final ChainReader payload = new ChainReader();
    private boolean completes;

    /** As the other, for a frame of a batch. */
    void complete(FrameBatch batch, int frame, int buffers) {
        complete(batch.request(frame), batch.slot(frame), batch.visible[frame], batch.chains, frame, buffers);
    }

    /**
     * Completes the checksum of a frame that is not cut, in its slot, and makes its virtio-net header plain.
     *
     * @param slot the private copy that the request was read from
     * @param visible bytes of the frame that are in it, and will be sent from it
     * @param chain the sender's, virtio-net header first
     */
    void complete(OffloadRequest request, long slot, int visible, DescriptorChains chains, int chain, int buffers) {
        TransportFrame frame = request.frame();
        int inSlot = frame.visiblePayload(visible);
        int inChain = frame.payloadLength() - inSlot;
        long sum = InternetChecksum.sum(HostMemory.ALL, slot + VirtioNetHeader.SIZE + frame.headerLength(), inSlot);
        if (inChain > 0) {
            payload.begin(chains, chain);
            long rest = payload.sum((long) VirtioNetHeader.SIZE + visible, inChain);
            sum = InternetChecksum.append(sum, rest, inSlot);
        }
        frame.beginChecksum();
        frame.completeChecksum(sum);
        VirtioNetHeader.writePlain(slot, buffers);
    }

    /**
     * Begins to cut a super-frame.
     *
     * @param handling one of those that cut
     * @param chain the sender's, virtio-net header first; all payload is read from it, none from the slot
     */
    void beginSegments(OffloadRequest request, OffloadHandling handling, DescriptorChains chains, int chain) {
        segmenter.begin(request.frame(), request.gsoSize());
        payload.begin(chains, chain);
        completes = handling == OffloadHandling.SEGMENT_COMPLETE;
    }

    int segments() {
        return segmenter.count();
    }

    /** Bytes that a segment takes in a receiver's buffers, virtio-net header included. */
    int bytes(int segment) {
        return VirtioNetHeader.SIZE + segmenter.length(segment);
    }

    /**
     * Writes a segment, virtio-net header first.
     *
     * @param scratch a private slot other than the super-frame's, for the headers
     * @param buffers how many of the receiver's it is spread over
     */
    void writeSegment(int segment, long scratch, int buffers, BufferWriter to) {
        long header = scratch + VirtioNetHeader.SIZE;
        long from = (long) VirtioNetHeader.SIZE + segmenter.payloadOffset(segment);
        int length = segmenter.payloadLength(segment);
        segmenter.writeHeaders(segment, HostMemory.ALL, header);
        if (completes) {
            segmenter.completeChecksum(HostMemory.ALL, header, payload.sum(from, length));
            VirtioNetHeader.writePlain(scratch, buffers);
        } else {
            VirtioNetHeader.writePartialChecksum(
                    scratch, segmenter.transportOffset(), segmenter.checksumOffset(), buffers);
        }
        to.write(scratch, (long) VirtioNetHeader.SIZE + segmenter.headerLength());
        payload.write(from, length, to);
    }
}
