package io.vireo.benchmarks.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process holds.
 *
 * @param guestMappings mappings of shared memory, which guests' memory is
 * @param residentKib of all memory
 */
record Vitals(long files, long threads, long guestMappings, long residentKib) {
    /** Threads and files come and go with the JVM's own needs: compilers, and jars that are opened once. */
    private static final long JVM_THREADS = 4;

    private static final long JVM_FILES = 4;
    private static final long JVM_KIB = 64 * 1024;

    static Vitals of(long pid) throws IOException {
        Path process = Path.of("/proc/" + pid);
        List<String> status = Files.readAllLines(process.resolve("status"));
        try (Stream<Path> files = Files.list(process.resolve("fd"));
                Stream<String> maps = Files.lines(process.resolve("maps"))) {
            return new Vitals(
                    files.count(),
                    number(status, "Threads:"),
                    maps.filter(line -> line.contains("/memfd:") || line.contains("/dev/shm"))
                            .count(),
                    number(status, "VmRSS:"));
        }
    }

    private static long number(List<String> status, String key) {
        return status.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()).replace("kB", "").strip())
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
    }

    /** Whether this is more than before, beyond what a JVM needs for itself. */
    boolean hasGrownSince(Vitals before) {
        return files > before.files + JVM_FILES
                || threads > before.threads + JVM_THREADS
                || guestMappings > before.guestMappings
                || residentKib > before.residentKib + JVM_KIB;
    }

    @Override
    public String toString() {
        return "%d files, %d threads, %d mappings of guests' memory, %d MiB resident"
                .formatted(files, threads, guestMappings, residentKib / 1024);
    }
}
