package io.vireo.vhostuser.backend;

import io.vireo.linux.Fd;
import io.vireo.vhostuser.Payload;
import org.jspecify.annotations.Nullable;

/** What a session knows of one ring. Started and enabled are separate (vhost-user, "Ring states"). */
final class SessionRing {
    int size;
    int base;
    Payload.@Nullable VringAddress address;

    @Nullable
    Fd kick;

    @Nullable
    NotifyFd call;

    @Nullable
    NotifyFd error;

    boolean started;
    boolean enabled;

    /** Takes a new kick descriptor, or null for polling, and closes the one before. */
    void kick(@Nullable Fd fd) {
        close(kick);
        kick = fd;
    }

    void call(@Nullable NotifyFd fd) {
        close(call);
        call = fd;
    }

    void error(@Nullable NotifyFd fd) {
        close(error);
        error = fd;
    }

    private static void close(@Nullable AutoCloseable descriptor) {
        switch (descriptor) {
            case null -> {}
            case Fd fd -> fd.close();
            case NotifyFd fd -> fd.close();
            default -> throw new IllegalArgumentException(descriptor.toString());
        }
    }

    /** Forgets everything; the ring must not be started. */
    void reset() {
        kick(null);
        call(null);
        error(null);
        size = 0;
        base = 0;
        address = null;
        enabled = false;
    }
}
