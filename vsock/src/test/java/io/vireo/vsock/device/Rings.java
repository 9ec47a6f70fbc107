package io.vireo.vsock.device;

import io.vireo.virtqueue.Features;

/** The kinds of rings that a guest may have. */
public enum Rings {
    SPLIT(0),
    SPLIT_IN_ORDER(Features.IN_ORDER),
    SPLIT_ALL(Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC | Features.IN_ORDER),
    PACKED(Features.RING_PACKED),
    PACKED_IN_ORDER(Features.RING_PACKED | Features.IN_ORDER),
    PACKED_ALL(Features.RING_PACKED | Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC | Features.IN_ORDER);

    final long features;

    Rings(long features) {
        this.features = features;
    }

    boolean isPacked() {
        return (features & Features.RING_PACKED) != 0;
    }
}
