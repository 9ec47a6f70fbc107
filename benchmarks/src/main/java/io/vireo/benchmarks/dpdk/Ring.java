package io.vireo.benchmarks.dpdk;

import java.util.Locale;

/** Which of virtio's two ring formats. */
enum Ring {
    SPLIT,
    PACKED;

    /** VIRTIO_F_RING_PACKED, virtio 1.3, 6 "Reserved Feature Bits". */
    private static final long FEATURE = 1L << 34;

    static Ring negotiated(long features) {
        return (features & FEATURE) == 0 ? SPLIT : PACKED;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
