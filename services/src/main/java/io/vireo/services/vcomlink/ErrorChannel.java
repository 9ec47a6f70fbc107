package io.vireo.services.vcomlink;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Channel 1: errors. Those of guests are counted, and logged if the last line is long enough ago. */
final class ErrorChannel implements VcomLinkChannel {
    static final long NUMBER = 1;
    static final Duration LOG_INTERVAL = Duration.ofSeconds(1);
    /** The most characters of a guest's text that are logged. */
    static final int MAX_LOGGED = 200;

    private static final Logger LOG = LoggerFactory.getLogger(ErrorChannel.class);

    private final VcomLinkCounters counters;
    private final LongSupplier clockNs;
    private long loggedNs;

    /** @param clockNs as {@link System#nanoTime} */
    ErrorChannel(VcomLinkCounters counters, LongSupplier clockNs) {
        this.counters = counters;
        this.clockNs = clockNs;
        loggedNs = clockNs.getAsLong() - LOG_INTERVAL.toNanos();
    }

    /** The packet that says that anything was wrong. */
    static OutgoingPacket packet() {
        return OutgoingPacket.on(NUMBER).with("error", "received malformed packet");
    }

    @Override
    public long number() {
        return NUMBER;
    }

    @Override
    public Optional<OutgoingPacket> receive(IncomingPacket packet) throws MalformedPacketException {
        String text = packet.text("error");
        counters.add(VcomLinkCounter.ERRORS_RECEIVED);
        if (mayLog()) {
            LOG.warn("a guest reports an error: {}", printable(text));
        }
        return Optional.empty();
    }

    private synchronized boolean mayLog() {
        long nowNs = clockNs.getAsLong();
        if (nowNs - loggedNs < LOG_INTERVAL.toNanos()) {
            return false;
        }
        loggedNs = nowNs;
        return true;
    }

    /** A guest's text must not look like lines of ours, or move the cursor of who reads them. */
    private static String printable(String text) {
        String start = text.substring(0, Math.min(text.length(), MAX_LOGGED));
        return start.replaceAll("[^\\p{Print}]", "?");
    }
}
