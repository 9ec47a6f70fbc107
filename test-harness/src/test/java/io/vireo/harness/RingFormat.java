package io.vireo.harness;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.virtqueue.Features;

/** The kinds of rings that a guest may have. */
enum RingFormat {
    SPLIT(0),
    SPLIT_INDIRECT_IN_ORDER(Features.RING_INDIRECT_DESC | Features.IN_ORDER),
    PACKED(Features.RING_PACKED),
    PACKED_INDIRECT_IN_ORDER(Features.RING_PACKED | Features.RING_INDIRECT_DESC | Features.IN_ORDER);

    private final long features;

    RingFormat(long features) {
        this.features = features;
    }

    FrontendOptions options() {
        return options(FrontendOptions.DEFAULT);
    }

    FrontendOptions options(FrontendOptions others) {
        return others.with(features);
    }
}
