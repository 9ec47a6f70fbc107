package io.vireo.harness.guests;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Everything a guest, or another program, has printed, collected by a thread of its own. The first part is forgotten when it grows beyond
 * {@value #CAPACITY} characters, so that a guest which prints for ever does not fill this JVM. Positions count from the
 * very first character.
 */
public final class Console {
    private static final int CAPACITY = 16 << 20;
    private static final int TAIL = 4000;

    private final StringBuilder text = new StringBuilder();
    private long forgotten;
    private boolean ended;

    /** Reads until the stream ends, on the calling thread. */
    void collect(InputStreamReader in) {
        char[] buffer = new char[8192];
        try (in) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                append(buffer, length);
            }
        } catch (IOException e) {
            // The stream of a process that is killed may end like this.
            append(("\n[" + e.getMessage() + "]\n").toCharArray());
        } finally {
            end();
        }
    }

    private void append(char... all) {
        append(all, all.length);
    }

    private synchronized void append(char[] buffer, int length) {
        text.append(buffer, 0, length);
        int excess = text.length() - CAPACITY;
        if (excess > 0) {
            text.delete(0, excess);
            forgotten += excess;
        }
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    public synchronized boolean ended() {
        return ended;
    }

    public synchronized long position() {
        return forgotten + text.length();
    }

    synchronized String text() {
        return text.toString();
    }

    public synchronized String tail() {
        return text.substring(Math.max(0, text.length() - TAIL));
    }

    /** Waits until something at or after a position matches; empty if the time is over or the output has ended. */
    public synchronized Optional<MatchResult> await(Pattern pattern, long from, Duration timeout)
            throws GuestException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (true) {
            Matcher matcher = pattern.matcher(text).region(start(from), text.length());
            if (matcher.find()) {
                return Optional.of(matcher.toMatchResult());
            }
            long leftNs = deadlineNs - System.nanoTime();
            if (ended || leftNs <= 0) {
                return Optional.empty();
            }
            try {
                // Rounded up, since 0 would wait for ever.
                wait(leftNs / 1_000_000 + 1);
            } catch (InterruptedException e) {
                throw GuestException.interrupted(pattern.toString());
            }
        }
    }

    /** What is left from a position on. */
    public synchronized String since(long from) {
        return text.substring(start(from));
    }

    private int start(long from) {
        return Math.clamp(from - forgotten, 0, text.length());
    }

    static Console of(Process process, String name) {
        return of(process.getInputStream(), name);
    }

    /** Collects one of a process's streams on a daemon thread of that name. */
    public static Console of(InputStream stream, String name) {
        Console console = new Console();
        InputStreamReader in = new InputStreamReader(stream, StandardCharsets.UTF_8);
        Thread.ofPlatform().daemon().name(name).start(() -> console.collect(in));
        return console;
    }
}
