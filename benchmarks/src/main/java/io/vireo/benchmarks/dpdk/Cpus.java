package io.vireo.benchmarks.dpdk;

import io.vireo.harness.guests.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Who runs where. The backend's busy thread has a CPU of its own; the generator's has one too, which on a machine of two it
 * shares with everything that sleeps nearly always.
 *
 * @param allowed those this process was started on
 */
public record Cpus(int backend, int generator, List<Integer> allowed) {
    private static final Pattern ALLOWED = Pattern.compile("^Cpus_allowed_list:\\s+(\\S+)$", Pattern.MULTILINE);

    /** Threads that end meanwhile, as the JVM's compiler threads do, make taskset fail. */
    private static final int ATTEMPTS = 5;

    /** @throws IllegalArgumentException if these two cannot be used */
    public Cpus {
        if (backend == generator || !allowed.contains(backend) || !allowed.contains(generator)) {
            throw new IllegalArgumentException("two different CPUs of " + list(allowed) + " are needed");
        }
    }

    /** The CPUs that this process may run on. */
    public static List<Integer> allowedHere() throws IOException {
        Matcher matcher = ALLOWED.matcher(Files.readString(Path.of("/proc/self/status")));
        if (!matcher.find()) {
            throw new IOException("/proc/self/status does not say which CPUs are allowed");
        }
        return parse(matcher.group(1));
    }

    /** A list as the kernel writes it: {@code 0-3,8}. */
    static List<Integer> parse(String list) {
        return Pattern.compile(",")
                .splitAsStream(list)
                .map(range -> range.split("-", 2))
                .flatMapToInt(ends ->
                        IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])))
                .boxed()
                .toList();
    }

    /** The CPUs for whatever is not measured: neither of the two, if there are others. */
    List<Integer> rest() {
        List<Integer> others = allowed.stream()
                .filter(cpu -> cpu != backend && cpu != generator)
                .toList();
        return others.isEmpty() ? List.of(generator) : others;
    }

    /** The beginning of a command line whose process may run on all of them, wherever this one is. */
    List<String> onAny() throws IOException {
        return List.of(taskset(), "-c", list(allowed));
    }

    /** Moves a process with all its threads. */
    static void moveProcess(long pid, List<Integer> cpus) throws IOException {
        for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
            if (taskset("-apc", list(cpus), pid).status() == 0) {
                return;
            }
        }
        moved(taskset("-apc", list(cpus), pid));
    }

    static void moveThread(long tid, int cpu) throws IOException {
        moved(taskset("-pc", Integer.toString(cpu), tid));
    }

    private static Host.Output taskset(String how, String cpus, long id) throws IOException {
        return Host.run(List.of(taskset(), how, cpus, Long.toString(id)));
    }

    private static void moved(Host.Output output) throws IOException {
        if (output.status() != 0) {
            throw new IOException("taskset failed: " + output.text());
        }
    }

    private static String taskset() throws IOException {
        return Host.program("taskset", "util-linux").toString();
    }

    private static String list(List<Integer> cpus) {
        return cpus.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
