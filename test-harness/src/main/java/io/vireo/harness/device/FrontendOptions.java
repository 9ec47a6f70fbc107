package io.vireo.harness.device;

import io.vireo.virtqueue.Features;

/**
 * What kind of guest a {@link VhostUserFrontendDevice} plays.
 *
 * @param queueSize entries of both rings, a power of two
 * @param bufferSize bytes of a transmit buffer; a longer frame takes several descriptors
 * @param regions into how many memory regions the guest's memory is cut, 1 to 8
 * @param features virtio features to accept where they are offered
 */
public record FrontendOptions(int queueSize, int bufferSize, int regions, long features) {
    public static final FrontendOptions DEFAULT = new FrontendOptions(
            256,
            2048,
            1,
            Features.VERSION_1
                    | Features.RING_EVENT_IDX
                    | Features.NET_MRG_RXBUF
                    | Features.NET_MAC
                    | Features.NET_MTU
                    | Features.NET_STATUS
                    | Features.VHOST_USER_PROTOCOL_FEATURES);

    public FrontendOptions withQueueSize(int entries) {
        return new FrontendOptions(entries, bufferSize, regions, features);
    }

    public FrontendOptions withBufferSize(int bytes) {
        return new FrontendOptions(queueSize, bytes, regions, features);
    }

    public FrontendOptions withRegions(int count) {
        return new FrontendOptions(queueSize, bufferSize, count, features);
    }

    /** Split rings without options are the default: RING_PACKED, RING_INDIRECT_DESC and IN_ORDER are asked for so. */
    public FrontendOptions with(long feature) {
        return new FrontendOptions(queueSize, bufferSize, regions, features | feature);
    }

    public FrontendOptions without(long feature) {
        return new FrontendOptions(queueSize, bufferSize, regions, features & ~feature);
    }
}
