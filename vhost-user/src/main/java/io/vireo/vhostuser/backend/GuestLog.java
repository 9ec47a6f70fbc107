package io.vireo.vhostuser.backend;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What is logged of what a guest or its VMM does: in each minute the first lines, and with the next one how many there were
 * beyond those. For any thread.
 */
public final class GuestLog {
    /** Of each part of Vireo that logs about a guest. */
    public static final int LINES_PER_MINUTE = 20;

    private static final Logger LOG = LoggerFactory.getLogger(GuestLog.class);

    private final String name;
    private final LineLimit limit;

    GuestLog(String name, LineLimit limit) {
        this.name = name;
        this.limit = limit;
    }

    /** @param name of the guest, or of what it may make fail; each line begins with it */
    public static GuestLog of(String name) {
        return new GuestLog(name, new LineLimit(LINES_PER_MINUTE, System::nanoTime));
    }

    public void info(String line) {
        log(Level.INFO, line, null);
    }

    public void warn(String line) {
        log(Level.WARN, line, null);
    }

    public void error(String line, Throwable cause) {
        log(Level.ERROR, line, cause);
    }

    private void log(Level level, String line, @Nullable Throwable cause) {
        if (!limit.permits()) {
            return;
        }
        long omitted = limit.takeOmitted();
        if (omitted > 0) {
            LOG.warn("{}: {} lines about it were left out", name, omitted);
        }
        LOG.atLevel(level).setCause(cause).log("{}: {}", name, line);
    }
}
