package io.vireo.benchmarks.dpdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vireo.harness.guests.Console;
import io.vireo.harness.guests.Host;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A process that was started for a run, with all that it prints. The run's cleanup ends it. */
final class Child implements AutoCloseable {
    /** For everything a process is asked: far more than it takes, on a machine whose cores are all busy. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

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
     * Starts a program that may run on any of the CPUs, with its output line by line.
     *
     * @param name what errors call it
     */
    static Child start(Stage stage, String name, List<String> command) throws IOException {
        List<String> line = new ArrayList<>(stage.cpus().onAny());
        line.addAll(List.of(Host.program("stdbuf", "coreutils").toString(), "-oL"));
        line.addAll(command);
        return stage.cleanup().own(new Child(name, new ProcessBuilder(line).start()));
    }

    /** The thread with a name like that. @throws IOException if there is none */
    long thread(Pattern comm) throws IOException {
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

    /** How long that thread has had work but no CPU, in nanoseconds (sched-stats(5): the second of three numbers). */
    long waitedNs(Pattern comm) throws IOException {
        String statistics = Files.readString(tasks().resolve(thread(comm) + "/schedstat"));
        return Long.parseLong(statistics.split(" ", -1)[1]);
    }

    private Path tasks() {
        return Path.of("/proc/" + process.pid() + "/task");
    }

    long pid() {
        return process.pid();
    }

    Console out() {
        return out;
    }

    Console err() {
        return err;
    }

    void type(String line) throws IOException {
        OutputStream in = process.getOutputStream();
        try {
            in.write((line + "\n").getBytes(UTF_8));
            in.flush();
        } catch (IOException e) {
            throw failure("does not listen to '" + line + "'", e);
        }
    }

    /** Waits until its output since a position matches. @throws IOException if it does not in time, or has ended */
    MatchResult await(Console console, Pattern pattern, long from) throws IOException {
        return console.await(pattern, from, PATIENCE)
                .orElseThrow(() -> failure(
                        console.ended()
                                ? "has ended"
                                : "did not print '" + pattern + "' in " + PATIENCE.toSeconds() + " s",
                        null));
    }

    /** An error that quotes the last output. */
    IOException failure(String what, @Nullable Throwable cause) {
        return new IOException(name + " " + what + "; its last output was:\n" + last(out) + last(err), cause);
    }

    private static String last(Console console) {
        String tail = console.tail();
        return tail.substring(Math.max(0, tail.length() - QUOTED));
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
