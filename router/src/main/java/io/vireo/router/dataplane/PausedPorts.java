package io.vireo.router.dataplane;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ports of a {@link PollSet} whose guests have a limit, and when those that are paused go on. Which ones are is known by
 * the limiters alone, so an error that strikes anywhere in here loses none. Confined to the reactor's thread.
 */
final class PausedPorts {
    private final List<NetPort> limited = new ArrayList<>();
    /** No pause ends before; of no meaning if there is none. */
    private long earliestNs;

    private boolean any;

    void add(NetPort port) {
        if (port.egress() != null || port.ingress() != null) {
            limited.add(port);
        }
    }

    void remove(NetPort port) {
        port.endPauses();
        limited.remove(port);
    }

    void pause(RateLimiter limiter) {
        long dueNs = limiter.beginPause();
        if (!any || dueNs - earliestNs < 0) {
            earliestNs = dueNs;
        }
        any = true;
    }

    boolean areThere() {
        return any;
    }

    /** Nanoseconds until one may go on; not positive if it is time. */
    long remainingNs(long nowNs) {
        return earliestNs - nowNs;
    }

    /** Has the ports visited whose pauses are over. */
    void resume(long nowNs) {
        if (!any || earliestNs - nowNs > 0) {
            return;
        }
        any = false;
        for (int i = 0; i < limited.size(); i++) {
            NetPort port = limited.get(i);
            resume(port, port.egress(), nowNs);
            resume(port, port.ingress(), nowNs);
        }
    }

    private void resume(NetPort port, @Nullable RateLimiter limiter, long nowNs) {
        if (limiter == null || !limiter.isPaused()) {
            return;
        }
        long dueNs = limiter.dueNs();
        if (dueNs - nowNs <= 0) {
            limiter.endPause();
            port.wake();
        } else if (!any || dueNs - earliestNs < 0) {
            earliestNs = dueNs;
            any = true;
        }
    }

    /** Ends all pauses. */
    void clear() {
        any = false;
        limited.forEach(NetPort::endPauses);
    }
}
