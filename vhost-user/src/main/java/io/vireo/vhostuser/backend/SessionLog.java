package io.vireo.vhostuser.backend;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What is logged of a device's sessions: in each minute the first lines, and then how many there were. */
final class SessionLog {
    private static final Logger LOG = LoggerFactory.getLogger(SessionLog.class);
    private static final int LINES_PER_MINUTE = 20;

    private final String name;
    private final LineLimit limit;

    SessionLog(String name, LineLimit limit) {
        this.name = name;
        this.limit = limit;
    }

    static SessionLog of(String name) {
        return new SessionLog(name, new LineLimit(LINES_PER_MINUTE, System::nanoTime));
    }

    void info(String line) {
        log(Level.INFO, line, null);
    }

    void warn(String line) {
        log(Level.WARN, line, null);
    }

    void error(String line, Throwable cause) {
        log(Level.ERROR, line, cause);
    }

    private void log(Level level, String line, @Nullable Throwable cause) {
        if (!limit.permits()) {
            return;
        }
        long omitted = limit.takeOmitted();
        if (omitted > 0) {
            LOG.warn("{}: {} lines about its sessions were left out", name, omitted);
        }
        LOG.atLevel(level).setCause(cause).log("{}: {}", name, line);
    }
}
