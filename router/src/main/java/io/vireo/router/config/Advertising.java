package io.vireo.router.config;

/**
 * How a network's router advertises itself (RFC 4861, 6.2.1).
 *
 * @param lifetimeSeconds for how long guests may use it as default router; 0: not at all
 * @param intervalSeconds the longest time between two unsolicited advertisements
 */
public record Advertising(int lifetimeSeconds, int intervalSeconds) {
    public static final int MAX_LIFETIME_SECONDS = 9000;
    public static final int MAX_INTERVAL_SECONDS = 1800;
    public static final int DEFAULT_LIFETIME_SECONDS = 1800;

    /** Of these, one is lost without harm. */
    private static final int ADVERTISEMENTS_IN_A_LIFETIME = 3;

    public static final Advertising DEFAULT = ofLifetime(DEFAULT_LIFETIME_SECONDS);

    public Advertising {
        if (lifetimeSeconds < 0 || lifetimeSeconds > MAX_LIFETIME_SECONDS) {
            throw new IllegalArgumentException(
                    "router lifetime of %d s is not within 0 to %d".formatted(lifetimeSeconds, MAX_LIFETIME_SECONDS));
        }
        if (intervalSeconds < 1 || intervalSeconds > MAX_INTERVAL_SECONDS) {
            throw new IllegalArgumentException("advertisement interval of %d s is not within 1 to %d"
                    .formatted(intervalSeconds, MAX_INTERVAL_SECONDS));
        }
        if (lifetimeSeconds != 0 && intervalSeconds > lifetimeSeconds) {
            throw new IllegalArgumentException("advertisement interval of %d s is longer than the lifetime of %d s"
                    .formatted(intervalSeconds, lifetimeSeconds));
        }
    }

    /** With the interval that suits the lifetime. */
    public static Advertising ofLifetime(int lifetimeSeconds) {
        int interval = lifetimeSeconds == 0 ? DEFAULT_LIFETIME_SECONDS : lifetimeSeconds;
        return new Advertising(
                lifetimeSeconds, Math.clamp(interval / ADVERTISEMENTS_IN_A_LIFETIME, 1, MAX_INTERVAL_SECONDS));
    }
}
