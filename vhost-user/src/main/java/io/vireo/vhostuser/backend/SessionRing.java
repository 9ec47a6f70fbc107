package io.vireo.vhostuser.backend;

import io.vireo.linux.Fd;
import io.vireo.vhostuser.Payload;
import org.jspecify.annotations.Nullable;

/** What a session knows of one ring. Started and enabled are separate (vhost-user, "Ring states"). */
final class SessionRing {
    final int index;
    int size;
    int base;
    Payload.@Nullable VringAddress address;

    @Nullable
    Fd kick;

    @Nullable
    NotifyFd call;

    @Nullable
    NotifyFd error;

    /** By the frontend. */
    boolean started;
    /** By the device: not a ring that was started and whose memory is away. */
    boolean served;

    boolean enabled;

    SessionRing(int index) {
        this.index = index;
    }

    /** Takes a new kick descriptor, or null for polling, and closes the one before. */
    void kick(@Nullable Fd fd) {
        if (kick != null) {
            kick.close();
        }
        kick = fd;
    }

    void call(@Nullable NotifyFd fd) {
        if (call != null) {
            call.close();
        }
        call = fd;
    }

    void error(@Nullable NotifyFd fd) {
        if (error != null) {
            error.close();
        }
        error = fd;
    }

    /** Forgets what a driver set up; the ring is not served. The error descriptor stays: QEMU tells it once. */
    void reset() {
        kick(null);
        call(null);
        size = 0;
        base = 0;
        address = null;
        started = false;
        enabled = false;
    }

    @Override
    public String toString() {
        return "ring " + index;
    }
}
