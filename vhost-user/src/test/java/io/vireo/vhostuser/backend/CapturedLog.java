package io.vireo.vhostuser.backend;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** What this package logs from INFO on, line by line, for as long as it is open; nothing goes to the console meanwhile. */
final class CapturedLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.vireo.vhostuser");
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    CapturedLog() {
        setContext(logger.getLoggerContext());
        start();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
        lines.add(event.getFormattedMessage());
    }

    String next() throws InterruptedException {
        String line = lines.poll(5, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("nothing more was logged");
        }
        return line;
    }

    /** Waits for the line that ends a session, and returns it. By then all that the session held is released. */
    String awaitEndOfSession() throws InterruptedException {
        StringBuilder before = new StringBuilder();
        while (true) {
            String line = lines.poll(5, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("no session ended; logged was:" + before);
            }
            if (line.contains(": session ") || line.contains("frontend disconnected")) {
                return line;
            }
            before.append("\n  ").append(line);
        }
    }

    @Override
    public void close() {
        logger.detachAppender(this);
        logger.setAdditive(true);
        stop();
    }
}
