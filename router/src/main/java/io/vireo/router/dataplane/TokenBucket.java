package io.vireo.router.dataplane;

/**
 * Tokens that come evenly with time, of which so many are kept. What costs more than there is may be taken as long as there
 * is anything: the bucket is in debt then, and nothing is had until that is paid, so that in the long run no more is taken
 * than comes. Exact: counted in tokens times nanoseconds, in whole numbers.
 */
final class TokenBucket {
    /** What {@link #available} says of a bucket without a limit. */
    static final long UNLIMITED = Long.MAX_VALUE;

    /** The most that a bucket keeps: more would not fit into a long. */
    static final long MOST_KEPT = 1 << 30;

    /** The deepest debt: several times what one visit of a port can cost, which is a batch's bytes and a super-frame. */
    static final long DEEPEST_DEBT = 1 << 20;

    private static final long SECOND_NS = 1_000_000_000;

    /** Tokens a second; 0: no limit. */
    private final long rate;

    private final long capacity;
    /** After so much time a bucket is full, however empty it was. */
    private final long longestNs;

    private long level;
    private long filledNs;
    private boolean started;

    /**
     * A bucket that is full.
     *
     * @param rate tokens a second, at most 2^37; 0: there is no limit
     * @param burstNs how long it takes to fill
     */
    TokenBucket(long rate, long burstNs) {
        this.rate = rate;
        long kept = (long) Math.min((double) rate * burstNs / SECOND_NS, MOST_KEPT);
        capacity = Math.max(kept, 1) * SECOND_NS;
        longestNs = rate == 0 ? 0 : (capacity + DEEPEST_DEBT * SECOND_NS) / rate + 1;
        level = capacity;
    }

    /** @param nowNs as {@link System#nanoTime} tells it */
    void refill(long nowNs) {
        if (started) {
            long passed = Math.clamp(nowNs - filledNs, 0, longestNs);
            level = Math.min(level + passed * rate, capacity);
        }
        started = true;
        filledNs = nowNs;
    }

    /** Tokens there were when it was refilled, less what was taken since, or {@link #UNLIMITED}. Not negative. */
    long available() {
        if (rate == 0) {
            return UNLIMITED;
        }
        return level <= 0 ? 0 : (level + SECOND_NS - 1) / SECOND_NS;
    }

    /** Takes up to 2^32 tokens, more than there are, too. */
    void take(long tokens) {
        if (rate != 0) {
            level = Math.max(level - tokens * SECOND_NS, -DEEPEST_DEBT * SECOND_NS);
        }
    }

    /**
     * When there will be what {@code waitNs} of time bring, or half of a full bucket if that is less: nanoseconds as
     * {@link #refill} was told them.
     */
    long readyNs(long waitNs) {
        if (rate == 0) {
            return filledNs;
        }
        long wanted = Math.min(waitNs * rate, capacity / 2);
        return level >= wanted ? filledNs : filledNs + (wanted - level) / rate + 1;
    }
}
