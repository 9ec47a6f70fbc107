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
 * What a process holds: open files by kind, threads by name, and how often guests' memory is mapped. Equal where nothing
 * leaked, and says what did where not.
 */
record ProcessState(Map<String, Integer> files, Map<String, Integer> threads, long guestMappings) {
    /** Threads of the JDK's own that end when nobody has used them for a minute: other tests' processes, say. */
    private static final String POOLED = "process reaper.*|ForkJoinPool.*";

    /** Of another JVM, whose compiler's threads and files of classes come and go as it likes. */
    private static final String COMPILER = "C[12] Compiler.*";

    private static final String JVM_FILES = ".*\\.jar|/dev/u?random";

    static ProcessState now() throws IOException {
        return new ProcessState(openFiles("self"), threadNames(), mappings("self", "/memfd:guest"));
    }

    /** Of another JVM's process, in which all that is shared and can be written to is guests' memory, or as constant. */
    static ProcessState of(Process process) throws IOException {
        String number = Long.toString(process.pid());
        Map<String, Integer> files = openFiles(number);
        files.keySet().removeIf(name -> name.matches(JVM_FILES));
        return new ProcessState(files, threadNames(number), mappings(number, " rw-s "));
    }

    /** The same without those threads whose name begins so. */
    ProcessState withoutThreads(String beginnings) {
        Map<String, Integer> others = new TreeMap<>(threads);
        others.keySet().removeIf(name -> name.matches("(" + beginnings + ").*"));
        return new ProcessState(files, others, guestMappings);
    }

    private static Map<String, Integer> openFiles(String process) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc", process, "fd"))) {
            for (Path link : links) {
                try {
                    names.add(Files.readSymbolicLink(link).toString().replaceAll("\\[\\d+]|#\\d+", ""));
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

    private static Map<String, Integer> threadNames(String process) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc", process, "task"))) {
            for (Path thread : threads) {
                try {
                    names.add(Files.readString(thread.resolve("comm")).strip());
                } catch (IOException e) {
                    // ended meanwhile
                }
            }
        }
        names.removeIf(name -> name.matches(POOLED + "|" + COMPILER));
        return count(names);
    }

    private static long mappings(String process, String mark) throws IOException {
        try (var lines = Files.lines(Path.of("/proc", process, "maps"))) {
            return lines.filter(line -> line.contains(mark)).count();
        }
    }

    private static Map<String, Integer> count(List<String> names) {
        Map<String, Integer> counts = new TreeMap<>();
        names.forEach(name -> counts.merge(name, 1, Integer::sum));
        return counts;
    }
}
