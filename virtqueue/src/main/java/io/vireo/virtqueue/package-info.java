/**
 * Virtio rings (virtio 1.3, chapter 2): what both sides share. The side that serves buffers is in
 * {@code io.vireo.virtqueue.device}, the side that offers them in {@code io.vireo.virtqueue.driver}.
 *
 * <pre>
 *   driver                       shared memory                             device
 *   DriverSplitRing  --> descriptor table, available ring -->     DeviceSplitRing
 *                    <--            used ring             <--
 *   DriverPackedRing <->   descriptor ring, two event     <->    DevicePackedRing
 *                             suppression structures
 * </pre>
 *
 * <p>Both formats have chained and indirect descriptors, notification suppression both ways with and without event index,
 * and use in order: {@link io.vireo.virtqueue.Features} decides. Sizes are powers of two in both.
 */
@NullMarked
package io.vireo.virtqueue;

import org.jspecify.annotations.NullMarked;
