package io.vireo.router.config;

import java.util.concurrent.TimeUnit;

/**
 * What a reactor does when there is nothing to do.
 *
 * @param spinNs how long it polls in vain before it asks for kicks and sleeps; of no meaning to a busy one
 */
public record IdlePolicy(Mode mode, long spinNs) {
    public static final long MAX_SPIN_NS = TimeUnit.SECONDS.toNanos(10);

    /** Above the time between two frames of a busy guest. */
    public static final long DEFAULT_SPIN_NS = TimeUnit.MICROSECONDS.toNanos(50);

    public static final IdlePolicy DEFAULT = new IdlePolicy(Mode.ADAPTIVE, DEFAULT_SPIN_NS);

    public enum Mode {
        /** Polls the ports that have work, and sleeps when none has. */
        ADAPTIVE,
        /** Polls every port and never sleeps: no guest ever needs to kick. */
        BUSY
    }

    public IdlePolicy {
        if (spinNs < 0 || spinNs > MAX_SPIN_NS) {
            throw new IllegalArgumentException("a spin of " + spinNs + " ns is not within 0 to " + MAX_SPIN_NS);
        }
    }
}
