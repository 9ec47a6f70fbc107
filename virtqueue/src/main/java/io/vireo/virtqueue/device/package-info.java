/**
 * The device side of a virtqueue: takes the chains that a driver offers and gives them back used.
 *
 * <p>Everything a driver writes is hostile. Each descriptor is read once; lengths, indices and addresses are judged on that
 * copy, and addresses pass the guest memory's gate. What cannot be true breaks the ring with a {@link
 * io.vireo.virtqueue.device.RingFault}; it is never mistaken for the end of a chain.
 */
@NullMarked
package io.vireo.virtqueue.device;

import org.jspecify.annotations.NullMarked;
