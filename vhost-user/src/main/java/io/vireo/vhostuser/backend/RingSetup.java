package io.vireo.vhostuser.backend;

import io.vireo.hugepages.GuestMemory;
import io.vireo.linux.Fd;
import io.vireo.virtqueue.device.RingPlace;
import org.jspecify.annotations.Nullable;

/**
 * All that is needed to serve a ring. The session keeps the memory mapped and the descriptors open until the ring is
 * stopped.
 *
 * @param base where the ring stands: a split ring's available index; a packed ring's next available descriptor with the
 *     wrap counter in bit 15, and the same of the next used one in the high half
 * @param features the negotiated virtio features
 * @param kick an eventfd, readable when chains became available, or null if the device has to poll
 * @param call rung when chains were used, or null if nobody waits
 * @param error rung when the ring broke, or null
 */
public record RingSetup(
        int queue,
        GuestMemory memory,
        RingPlace place,
        int base,
        long features,
        boolean enabled,
        @Nullable Fd kick,
        @Nullable NotifyFd call,
        @Nullable NotifyFd error) {
    public boolean has(long feature) {
        return (features & feature) != 0;
    }
}
