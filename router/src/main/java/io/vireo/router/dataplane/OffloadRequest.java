package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.segmentation.Segmenter;
import io.vireo.protocols.segmentation.TransportFrame;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;

/**
 * What the sender of a frame leaves to be done, as far as it is true: its virtio-net header is compared with the frame
 * behind it, and what a receiver gets to see is made from the frame. One for each frame of a batch, reused.
 *
 * <p>Both are read in the private slot, which has to stay as long as the request is asked about; MAC addresses and the
 * time to live may change in it meanwhile, addresses and lengths may not.
 */
final class OffloadRequest {
    /** Segments of a TCP super-frame: the smallest segments that Linux sends unasked (512 bytes) make 128 of them. */
    static final int MAX_TCP_SEGMENTS = 512;
    /** Segments of a UDP super-frame: Linux makes no more, and refuses more (UDP_MAX_SEGMENTS). */
    static final int MAX_UDP_SEGMENTS = 128;

    private final TransportFrame frame = new TransportFrame();
    private boolean needsChecksum;
    private int gsoType;
    private int gsoSize;
    private int length;
    private boolean hasCongestionWindowReduced;

    /**
     * Judges a frame (virtio 1.3, 5.1.6.2). Flags that a driver may not set, or that do not exist, are ignored, as is
     * hdr_len.
     *
     * @param slot absolute address of the private copy, virtio-net header first
     * @param visible how many bytes of the frame follow there
     * @param frameLength how many bytes the frame has
     * @param features what its sender negotiated
     * @return false if the sender asks for what it did not negotiate, or for what is not true of its frame; the frame is to
     *     be dropped, and the request says nothing
     */
    boolean tryRead(long slot, int visible, int frameLength, long features) {
        needsChecksum = (VirtioNetHeader.flags(slot) & VirtioNetHeader.F_NEEDS_CSUM) != 0;
        gsoType = VirtioNetHeader.GSO_NONE;
        gsoSize = 0;
        length = frameLength;
        hasCongestionWindowReduced = false;
        int askedType = VirtioNetHeader.gsoType(slot);
        if (!needsChecksum) {
            return askedType == VirtioNetHeader.GSO_NONE; // segments need checksums of their own (5.1.6.2.1)
        }
        if ((features & Features.NET_CSUM) == 0
                || !frame.tryWrap(HostMemory.ALL, slot + VirtioNetHeader.SIZE, visible, frameLength)) {
            return false;
        }
        length = frame.length();
        return VirtioNetHeader.checksumStart(slot) == frame.transportOffset()
                && VirtioNetHeader.checksumOffset(slot) == frame.checksumOffset()
                && (askedType == VirtioNetHeader.GSO_NONE
                        || tryReadSegmentation(askedType, VirtioNetHeader.gsoSize(slot), features));
    }

    private boolean tryReadSegmentation(int askedType, int askedSize, long features) {
        int type = askedType & ~VirtioNetHeader.GSO_ECN;
        if (askedSize == 0 || type != typeOf(frame) || (features & hostFeature(type)) == 0) {
            return false;
        }
        boolean ecn = askedType != type;
        if (ecn && (!frame.isTcp() || (features & Features.NET_HOST_ECN) == 0)) {
            return false;
        }
        int payload = frame.payloadLength();
        if (Segmenter.count(payload, askedSize) > (frame.isTcp() ? MAX_TCP_SEGMENTS : MAX_UDP_SEGMENTS)) {
            return false;
        }
        if (payload > askedSize) { // else it is a segment already: receivers take no super-frame of one
            gsoType = type;
            gsoSize = askedSize;
            hasCongestionWindowReduced = frame.hasCongestionWindowReduced();
        }
        return true;
    }

    private static int typeOf(TransportFrame frame) {
        if (!frame.isTcp()) {
            return VirtioNetHeader.GSO_UDP_L4;
        }
        return frame.isIpv6() ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_TCPV4;
    }

    private static long hostFeature(int type) {
        return switch (type) {
            case VirtioNetHeader.GSO_TCPV4 -> Features.NET_HOST_TSO4;
            case VirtioNetHeader.GSO_TCPV6 -> Features.NET_HOST_TSO6;
            default -> Features.NET_HOST_USO;
        };
    }

    /** The features that a receiver needs to get the frame whole. */
    long guestFeatures() {
        if (!needsChecksum) {
            return 0;
        }
        long features = Features.NET_GUEST_CSUM;
        if (hasCongestionWindowReduced) {
            features |= Features.NET_GUEST_ECN;
        }
        return switch (gsoType) {
            case VirtioNetHeader.GSO_NONE -> features;
            case VirtioNetHeader.GSO_TCPV4 -> features | Features.NET_GUEST_TSO4;
            case VirtioNetHeader.GSO_TCPV6 -> features | Features.NET_GUEST_TSO6;
            default -> features | (frame.isIpv6() ? Features.NET_GUEST_USO6 : Features.NET_GUEST_USO4);
        };
    }

    /** Nothing is left to be done: the frame is complete as it is. */
    boolean isPlain() {
        return !needsChecksum;
    }

    boolean isSuperFrame() {
        return gsoType != VirtioNetHeader.GSO_NONE;
    }

    /** Payload bytes of each segment of a super-frame but the last. */
    int gsoSize() {
        return gsoSize;
    }

    /** Bytes of the frame; padding after a frame that is not plain does not count. */
    int length() {
        return length;
    }

    /** Bytes of the longest frame that this is on the wire: what an MTU rules. */
    int longestFrame() {
        return isSuperFrame() ? frame.headerLength() + gsoSize : length;
    }

    /** The frame, unless the request is plain. */
    TransportFrame frame() {
        return frame;
    }

    /** Replaces the sender's virtio-net header by one for a receiver that gets the frame whole. */
    void writeHeader(long slot, int buffers) {
        writeHeader(slot, 0, buffers);
    }

    /**
     * Writes the virtio-net header for a receiver that gets all of the frame, or all but its first bytes.
     *
     * @param skipped how many bytes it does not get; the header's offsets do not count them
     */
    void writeHeader(long at, int skipped, int buffers) {
        if (!needsChecksum) {
            VirtioNetHeader.writePlain(at, buffers);
            return;
        }
        frame.beginChecksum();
        int start = frame.transportOffset() - skipped;
        if (isSuperFrame()) {
            int type = hasCongestionWindowReduced ? gsoType | VirtioNetHeader.GSO_ECN : gsoType;
            int headers = frame.headerLength() - skipped;
            VirtioNetHeader.writeSegmentation(at, type, headers, gsoSize, start, frame.checksumOffset(), buffers);
        } else {
            VirtioNetHeader.writePartialChecksum(at, start, frame.checksumOffset(), buffers);
        }
    }
}
