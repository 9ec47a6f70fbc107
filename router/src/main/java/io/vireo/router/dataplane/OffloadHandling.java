package io.vireo.router.dataplane;

import io.vireo.virtqueue.Features;

/** What is done for a receiver with what a sender left to be done. */
enum OffloadHandling {
    /** The receiver takes the frame as it is, plain or not. */
    WHOLE,
    /** The checksum is completed. */
    COMPLETE,
    /** Segments with their checksums begun. */
    SEGMENT_PARTIAL,
    /** Segments with their checksums complete. */
    SEGMENT_COMPLETE;

    /** @param features what the receiver negotiated */
    static OffloadHandling of(OffloadRequest request, long features) {
        long needed = request.guestFeatures();
        if ((features & needed) == needed) {
            return WHOLE;
        }
        if (!request.isSuperFrame()) {
            return COMPLETE;
        }
        return (features & Features.NET_GUEST_CSUM) != 0 ? SEGMENT_PARTIAL : SEGMENT_COMPLETE;
    }

    boolean isSegmented() {
        return this == SEGMENT_PARTIAL || this == SEGMENT_COMPLETE;
    }
}
