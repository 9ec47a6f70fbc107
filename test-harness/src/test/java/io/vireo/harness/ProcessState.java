package io.vireo.harness;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What this process holds: open files by kind, threads by name, and how often guests' memory is mapped. Equal where nothing
 * leaked, and says what did where not.
 */
record ProcessState(Map<String, Integer> files, Map<String, Integer> threads, long guestMappings) {
    /** Threads of the JDK's own that end when nobody has used them for a minute: other tests' processes, say. */
    private static final String POOLED = "process reaper.*|ForkJoinPool.*";

    static ProcessState now() throws IOException {
        return new ProcessState(openFiles(), threadNames(), guestMemoryMappings());
    }

    /** The same without those threads whose name begins so. */
    ProcessState withoutThreads(String beginnings) {
        Map<String, Integer> others = new TreeMap<>(threads);
        others.keySet().removeIf(name -> name.matches("(" + beginnings + ").*"));
        return new ProcessState(files, others, guestMappings);
    }

    private static Map<String, Integer> openFiles() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : links) {
                try {
                    names.add(Files.readSymbolicLink(link).toString().replaceAll("\\[\\d+]", ""));
                } catch (NoSuchFileException e) {
                    // closed meanwhile, by whatever else the JVM does
                }
            }
        }
        return count(names);
    }

    private static Map<String, Integer> threadNames() {
        return count(Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> !name.matches(POOLED))
                .toList());
    }

    private static long guestMemoryMappings() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("/memfd:guest")).count();
        }
    }

    private static Map<String, Integer> count(List<String> names) {
        Map<String, Integer> counts = new TreeMap<>();
        names.forEach(name -> counts.merge(name, 1, Integer::sum));
        return counts;
    }
}
