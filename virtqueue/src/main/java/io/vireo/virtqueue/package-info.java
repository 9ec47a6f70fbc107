/**
 * Virtio rings (virtio 1.3, chapter 2): what both sides share. The side that serves buffers is in
 * {@code io.vireo.virtqueue.device}, the side that offers them in {@code io.vireo.virtqueue.driver}.
 *
 * <pre>
 *   driver                       shared memory                      device
 *   DriverSplitRing  --> descriptor table, available ring -->  DeviceSplitRing
 *                    <--            used ring             <--
 * </pre>
 *
 * <p>Split rings with chained descriptors and notification suppression both ways. Not done: indirect descriptors and
 * packed rings; neither is offered, so a ring that uses one is broken.
 */
@NullMarked
package io.vireo.virtqueue;

import org.jspecify.annotations.NullMarked;
