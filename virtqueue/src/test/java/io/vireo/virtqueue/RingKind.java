package io.vireo.virtqueue;

/** The formats of a ring, each with the options that change how it works. */
enum RingKind {
    SPLIT(0),
    SPLIT_EVENT(Features.RING_EVENT_IDX),
    SPLIT_INDIRECT(Features.RING_INDIRECT_DESC),
    SPLIT_IN_ORDER(Features.IN_ORDER),
    SPLIT_ALL(Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC | Features.IN_ORDER),
    PACKED(Features.RING_PACKED),
    PACKED_EVENT(Features.RING_PACKED | Features.RING_EVENT_IDX),
    PACKED_INDIRECT(Features.RING_PACKED | Features.RING_INDIRECT_DESC),
    PACKED_IN_ORDER(Features.RING_PACKED | Features.IN_ORDER),
    PACKED_ALL(Features.RING_PACKED | Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC | Features.IN_ORDER);

    final long features;

    RingKind(long features) {
        this.features = features;
    }

    private boolean has(long feature) {
        return (features & feature) != 0;
    }

    boolean isPacked() {
        return has(Features.RING_PACKED);
    }

    boolean hasEventIndex() {
        return has(Features.RING_EVENT_IDX);
    }

    boolean isIndirect() {
        return has(Features.RING_INDIRECT_DESC);
    }

    boolean isInOrder() {
        return has(Features.IN_ORDER);
    }
}
