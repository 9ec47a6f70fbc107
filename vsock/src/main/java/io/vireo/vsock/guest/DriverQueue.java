package io.vireo.vsock.guest;

import io.vireo.linux.EventFd;
import io.vireo.virtqueue.driver.DriverRing;

/**
 * One virtqueue with what wakes each side. Whoever made it closes the descriptors, after the driver.
 *
 * @param kick wakes the device
 * @param call the device's interrupt
 */
public record DriverQueue(DriverRing ring, EventFd kick, EventFd call) {
    /** Shows the device what was offered, and kicks it if it asked for that. */
    void publish() {
        if (ring.publish()) {
            kick.signal();
        }
    }
}
