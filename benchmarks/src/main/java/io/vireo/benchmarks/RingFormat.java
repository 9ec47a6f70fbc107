package io.vireo.benchmarks;

import io.vireo.virtqueue.Features;

/** The formats of rings that a benchmark tries. */
public enum RingFormat {
    SPLIT(0),
    PACKED(Features.RING_PACKED);

    final long features;

    RingFormat(long features) {
        this.features = features;
    }
}
