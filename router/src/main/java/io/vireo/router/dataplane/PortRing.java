package io.vireo.router.dataplane;

import io.vireo.linux.Doorbell;
import io.vireo.vhostuser.backend.NotifyFd;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.device.RingFault;
import org.jspecify.annotations.Nullable;

/** One ring of a port, with what its frontend told of it while it is served. */
final class PortRing {
    private final Direction direction;
    private @Nullable DeviceRing ring;
    private @Nullable RingSetup setup;
    private boolean enabled;

    PortRing(Direction direction) {
        this.direction = direction;
    }

    void start(RingSetup told) {
        DeviceRing started = DeviceRing.serve(told.memory(), told.place(), told.base(), told.features(), direction);
        started.suppressKicks();
        ring = started;
        setup = told;
        enabled = told.enabled();
    }

    /** @return where the ring stands, or 0 if it was not served */
    int stop() {
        int next = ring == null ? 0 : ring.base();
        ring = null;
        setup = null;
        enabled = false;
        return next;
    }

    /** The ring, or null while it is not served. */
    @Nullable
    DeviceRing ring() {
        return ring;
    }

    @Nullable
    RingSetup setup() {
        return setup;
    }

    void enable(boolean value) {
        enabled = value;
    }

    boolean isEnabled() {
        return enabled;
    }

    @Nullable
    RingFault fault() {
        return ring == null ? null : ring.fault();
    }

    /** Whether the memory is as long as it was; not for the data path. */
    boolean isMemoryIntact() {
        return setup == null || setup.memory().isIntact();
    }

    /** Whether nobody tells when there is work, so that only polling finds it. */
    boolean hasNoKick() {
        return setup != null && setup.kick() == null;
    }

    void ringError(Doorbell doorbell) {
        NotifyFd error = setup == null ? null : setup.error();
        if (error != null) {
            error.ring(doorbell);
        }
    }

    /** Shows the guest what was completed, and interrupts it if it asked for that. @return whether it was interrupted */
    boolean publish(Doorbell doorbell) {
        if (ring == null) {
            return false;
        }
        ring.publish();
        NotifyFd call = setup == null ? null : setup.call();
        if (!ring.wantsInterrupt() || call == null) {
            return false;
        }
        call.ring(doorbell);
        return true;
    }
}
