package io.vireo.vsock.device;

import io.vireo.linux.Doorbell;
import io.vireo.linux.LinuxException;
import io.vireo.vhostuser.backend.NotifyFd;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.device.RingFault;
import io.vireo.vsock.loop.Loop;
import io.vireo.vsock.loop.Task;
import org.jspecify.annotations.Nullable;

/** One virtqueue of the device, with what its frontend told of it while it is served. On the loop's thread. */
final class VsockRing {
    private final Direction direction;
    private final Loop loop;
    private @Nullable DeviceRing ring;
    private @Nullable RingSetup setup;
    private int watch;
    private boolean enabled;

    VsockRing(Direction direction, Loop loop) {
        this.direction = direction;
        this.loop = loop;
    }

    /** @param served made ready at each kick */
    void start(RingSetup told, Task served) {
        stop();
        setup = told;
        enabled = told.enabled();
        try {
            if (told.kick() != null) {
                watch = loop.watch(told.kick(), served);
            }
        } catch (LinuxException e) {
            setup = null;
            throw new IllegalStateException(e);
        }
        ring = DeviceRing.serve(told.memory(), told.place(), told.base(), told.features(), direction);
        ring.suppressKicks();
    }

    /** @return where the ring stands, or 0 if it is not served */
    int stop() {
        int base = ring == null ? 0 : ring.base();
        ring = null;
        if (setup != null && setup.kick() != null) {
            try {
                loop.unwatch(setup.kick(), watch);
            } catch (LinuxException e) {
                throw new IllegalStateException(e);
            }
        }
        setup = null;
        enabled = false;
        return base;
    }

    void enable(boolean value) {
        enabled = value;
    }

    /** Whether it stands anywhere but where a fresh one begins, whatever was told of it: another device served it before. */
    boolean isInUse() {
        return ring != null && ring.position() != 0;
    }

    /** The ring, if it is started, enabled and sound. */
    @Nullable
    DeviceRing ready() {
        return ring != null && enabled && ring.fault() == null ? ring : null;
    }

    /** The ring, if it is started and sound. */
    @Nullable
    DeviceRing started() {
        return ring != null && ring.fault() == null ? ring : null;
    }

    @Nullable
    RingSetup setup() {
        return setup;
    }

    /** Whether only polling finds work. */
    boolean hasNoKick() {
        return setup != null && setup.kick() == null;
    }

    @Nullable
    RingFault fault() {
        return ring == null ? null : ring.fault();
    }

    void fail(RingFault reason) {
        if (ring != null) {
            ring.fail(reason);
        }
    }

    /** Shows the guest what was completed, and interrupts it if it asked for that. */
    void publish(Doorbell doorbell) {
        if (ring == null || !ring.isPublicationDue()) {
            return;
        }
        ring.publish();
        NotifyFd call = setup == null ? null : setup.call();
        if (ring.wantsInterrupt() && call != null) {
            call.ring(doorbell);
        }
    }

    void ringError(Doorbell doorbell) {
        NotifyFd error = setup == null ? null : setup.error();
        if (error != null) {
            error.ring(doorbell);
        }
    }
}
