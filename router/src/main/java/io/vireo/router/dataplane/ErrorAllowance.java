package io.vireo.router.dataplane;

/**
 * How many ICMP errors a guest may cause (RFC 1812, 4.3.2.8; RFC 4443, 2.4 f): some at once, then so many a second. A bucket
 * of tokens, kept as one number: when it would be empty again if nothing more was taken.
 */
final class ErrorAllowance {
    /** Errors that may be caused at once: a traceroute, or one look at every port of a small range. */
    static final int BURST = 50;

    static final int PER_SECOND = 100;

    private static final long INTERVAL_NS = 1_000_000_000L / PER_SECOND;
    private static final long BURST_NS = BURST * INTERVAL_NS;

    /** Not before this time the bucket is full. */
    private long fullNs;

    private boolean used;

    /** @param nowNs as {@link System#nanoTime} tells it */
    boolean tryTake(long nowNs) {
        if (!used || fullNs - nowNs < 0) {
            used = true;
            fullNs = nowNs;
        }
        if (fullNs - nowNs > BURST_NS - INTERVAL_NS) {
            return false;
        }
        fullNs += INTERVAL_NS;
        return true;
    }
}
