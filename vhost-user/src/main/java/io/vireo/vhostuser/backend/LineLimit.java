package io.vireo.vhostuser.backend;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How many log lines somebody may cause: so many in each minute, counted from the first. The others are counted. */
public final class LineLimit {
    private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);

    private final int lines;
    private final LongSupplier clockNs;
    private long startNs;
    private int written;
    private long omitted;

    /** @param clockNs as {@link System#nanoTime} */
    public LineLimit(int linesPerMinute, LongSupplier clockNs) {
        lines = linesPerMinute;
        this.clockNs = clockNs;
        startNs = clockNs.getAsLong();
    }

    /** Whether a line may be written now. */
    public synchronized boolean permits() {
        long nowNs = clockNs.getAsLong();
        if (nowNs - startNs >= MINUTE_NS) {
            startNs = nowNs;
            written = 0;
        }
        if (written == lines) {
            omitted++;
            return false;
        }
        written++;
        return true;
    }

    /** How many lines were not permitted since this was asked last. */
    public synchronized long takeOmitted() {
        long count = omitted;
        omitted = 0;
        return count;
    }
}
