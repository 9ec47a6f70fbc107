package io.vireo.virtqueue.device;

/** Which buffers a queue's chains are made of, from the device's point of view. */
public enum Direction {
    /** For the device to read, as in a network device's transmit queues. */
    READABLE,
    /** For the device to write, as in a network device's receive queues. */
    WRITABLE,
    /** A request and room for its answer: readable buffers, then writable ones (virtio 1.3, 2.7.4.2 and 2.8.17). */
    BOTH
}
