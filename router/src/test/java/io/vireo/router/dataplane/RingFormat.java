package io.vireo.router.dataplane;

import io.vireo.virtqueue.Features;

/** The kinds of rings that a guest may have. */
public enum RingFormat {
    SPLIT(0),
    SPLIT_EVENT_INDIRECT_IN_ORDER(Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC | Features.IN_ORDER),
    PACKED(Features.RING_PACKED),
    PACKED_EVENT_INDIRECT_IN_ORDER(
            Features.RING_PACKED | Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC | Features.IN_ORDER);

    final long features;

    RingFormat(long features) {
        this.features = features;
    }

    boolean isPacked() {
        return (features & Features.RING_PACKED) != 0;
    }
}
