package io.vireo.benchmarks.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vireo.harness.guests.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A process that was started for a run, with all that it prints. The run's {@link Cleanup} ends it. */
public final class Child implements AutoCloseable {
    /** For everything a process is asked: far more than it takes, on a machine whose cores are all busy. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Pattern NEVER = Pattern.compile("(?!)");

    /** Characters of each stream, in an error. */
    private static final int QUOTED = 1000;

    private static final long GRACE_SECONDS = 5;

    private final String name;
    private final Process process;
    private final Console out;
    private final Console err;

    private Child(String name, Process process) {
        this.name = name;
        this.process = process;
        out = Console.of(process.getInputStream(), name + "-out");
        err = Console.of(process.getErrorStream(), name + "-err");
    }

    /**
     * Starts a program.
     *
     * @param cleanup ends it
     * @param name what errors call it
     */
    public static Child start(Cleanup cleanup, String name, List<String> command) throws IOException {
        return cleanup.own(new Child(name, new ProcessBuilder(command).start()));
    }

    /** The thread with a name like that. @throws IOException if there is none */
    public long thread(Pattern comm) throws IOException {
        try (Stream<Path> threads = Files.list(tasks())) {
            for (Path thread : threads.toList()) {
                if (comm.matcher(name(thread)).matches()) {
                    return Long.parseLong(thread.getFileName().toString());
                }
            }
        }
        throw failure("has no thread '" + comm + "'", null);
    }

    private static String name(Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).strip();
        } catch (IOException e) {
            return ""; // it has ended meanwhile, as the JVM's compiler threads do
        }
    }

    /** How long that thread has run, in nanoseconds (sched-stats(5): the first of three numbers). */
    public long ranNs(Pattern comm) throws IOException {
        return statistics(comm)[0];
    }

    /** How long that thread has had work but no CPU, in nanoseconds (the second). */
    public long waitedNs(Pattern comm) throws IOException {
        return statistics(comm)[1];
    }

    private long[] statistics(Pattern comm) throws IOException {
        String numbers =
                Files.readString(tasks().resolve(thread(comm) + "/schedstat")).strip();
        return Pattern.compile(" ")
                .splitAsStream(numbers)
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private Path tasks() {
        return Path.of("/proc/" + process.pid() + "/task");
    }

    public long pid() {
        return process.pid();
    }

    public Console out() {
        return out;
    }

    public Console err() {
        return err;
    }

    public void type(String line) throws IOException {
        OutputStream in = process.getOutputStream();
        try {
            in.write((line + "\n").getBytes(UTF_8));
            in.flush();
        } catch (IOException e) {
            throw failure("does not listen to '" + line + "'", e);
        }
    }

    /** Waits until its output since a position matches. @throws IOException if it does not in time, or has ended */
    public MatchResult await(Console console, Pattern pattern, long from) throws IOException {
        return console.await(pattern, from, PATIENCE)
                .orElseThrow(() -> failure(
                        console.ended()
                                ? "has ended"
                                : "did not print '" + pattern + "' in " + PATIENCE.toSeconds() + " s",
                        null));
    }

    /** An error that quotes the last output. */
    public IOException failure(String what, @Nullable Throwable cause) {
        return new IOException(name + " " + what + "; its last output was:\n" + last(out) + last(err), cause);
    }

    private static String last(Console console) {
        String tail = console.tail();
        return tail.substring(Math.max(0, tail.length() - QUOTED));
    }

    /** Asks it to end. @return all that it printed as errors */
    public String end() throws IOException {
        process.toHandle().destroy(); // the process's own would close its streams
        err.await(NEVER, err.position(), PATIENCE);
        if (!err.ended()) {
            throw failure("does not end", null);
        }
        return err.since(0);
    }

    /** Asks it to end, and kills it if it does not. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly().onExit().join();
    }
}
