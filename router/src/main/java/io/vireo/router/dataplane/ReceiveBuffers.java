package io.vireo.router.dataplane;

import io.vireo.virtqueue.device.DescriptorChains;

/**
 * A receiver's buffers in the batch under way: chains of its ring, the first of which are reserved for frames. Belongs to the
 * reactor, which lends it to the receivers of a batch.
 */
final class ReceiveBuffers {
    /** A batch can take all that a ring holds, in chains of a few segments each. */
    private static final int SEGMENTS = 4 * NetPort.MAX_QUEUE_SIZE;

    final DescriptorChains chains = new DescriptorChains(NetPort.MAX_QUEUE_SIZE, SEGMENTS);
    /** Bytes filled of each reserved chain. */
    final int[] filled = new int[NetPort.MAX_QUEUE_SIZE];
    /** How many chains are reserved; those behind them were taken in advance. */
    int reserved;

    void clear() {
        chains.clear();
        reserved = 0;
    }
}
