package io.vireo.fuzz;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Jazzer on one target, in a JVM of its own: an error there, be it a crash, is a finding and not this process's end.
 *
 * <p>In its folder are then {@code found}, what Jazzer found worth keeping, {@code log}, its words, and where it found an
 * error, {@code crash-…}, {@code timeout-…} or {@code oom-…}, the input that did it.
 */
final class TargetRun {
    private static final Pattern PROGRESS = Pattern.compile("#(\\d+)\\s+\\w+\\s+cov: (\\d+) ft: (\\d+) corp: (\\d+)/");
    private static final String ENTRY = JazzerEntry.class.getName();

    /** An input that takes longer, in seconds, is a finding: they take microseconds. */
    private static final int TIMEOUT_S = 60;

    /** Below that the best compiler costs more than it gains. */
    private static final int LONG_S = 30;

    private final String name;
    private final FuzzTarget target;
    private final Path folder;
    private final Path seeds;
    private final Path found;
    private final Path log;
    private boolean optimises;

    /**
     * What came of it.
     *
     * @param coverage places in the code that were reached
     * @param features the same, told apart by how often and after what comparisons
     * @param corpus inputs that reach them
     * @param finding the input that led to an error, or none
     */
    record Result(String name, long executions, int coverage, int features, int corpus, long millis, String finding) {
        boolean isClean() {
            return finding.isEmpty();
        }
    }

    /**
     * Prepares a run.
     *
     * @param work receives this target's folder; what an earlier run found there is gone on from
     */
    TargetRun(String name, Path work) {
        this.name = name;
        target = Targets.make(name);
        folder = work.resolve(name);
        seeds = folder.resolve("seeds");
        found = folder.resolve("found");
        log = folder.resolve("log");
    }

    /**
     * Runs until time is over or something is found.
     *
     * @param seed of what is random
     */
    Result fuzz(Corpus corpus, int seconds, int seed) throws IOException, InterruptedException {
        prepare(corpus);
        long start = System.nanoTime();
        optimises = seconds >= LONG_S;
        int code = jazzer(List.of("-max_total_time=" + seconds, "-seed=" + seed, "-use_value_profile=1"), found, seeds);
        long millis = (System.nanoTime() - start) / 1_000_000;
        String finding = code == 0 ? "" : finding();
        try (Stream<String> lines = Files.lines(log)) {
            MatchResult last = lines.flatMap(line -> PROGRESS.matcher(line).results())
                    .reduce((_, later) -> later)
                    .orElse(null);
            return last == null
                    ? new Result(name, 0, 0, 0, 0, millis, finding.isEmpty() ? "it did not start, see " + log : finding)
                    : new Result(
                            name,
                            Long.parseLong(last.group(1)),
                            number(last, 2),
                            number(last, 3),
                            number(last, 4),
                            millis,
                            finding);
        }
    }

    private static int number(MatchResult match, int group) {
        return Integer.parseInt(match.group(group));
    }

    private String finding() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            Optional<Path> finding = files.filter(
                            file -> file.getFileName().toString().matches("(crash|timeout|oom|slow-unit|leak)-.*"))
                    .findFirst();
            return finding.isPresent() ? finding.get().toString() : crashOfTheJvm();
        }
    }

    private String crashOfTheJvm() throws IOException {
        Path last = folder.resolve(JazzerEntry.LAST);
        if (!Files.exists(last)) {
            return "it did not start, see " + log;
        }
        Path input = folder.resolve("crash-of-the-jvm");
        Files.write(input, JazzerEntry.last(Files.readAllBytes(last)));
        return input.toString();
    }

    private void prepare(Corpus corpus) throws IOException {
        delete(seeds);
        Files.createDirectories(found);
        try (Stream<Path> old = Files.list(folder)) {
            for (Path file : old.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        List<byte[]> inputs = new ArrayList<>(target.seeds());
        inputs.addAll(corpus.read());
        Corpus.unpack(inputs, seeds);
    }

    /** Makes the corpus as few inputs as reach what was reached; those that the target builds itself are not in it. */
    void minimise(Corpus corpus) throws IOException, InterruptedException {
        Path few = folder.resolve("few");
        delete(few);
        delete(seeds);
        Files.createDirectories(few);
        Corpus.unpack(corpus.read(), found.resolveSibling("kept"));
        Corpus.unpack(target.seeds(), few);
        int own = target.seeds().size();
        int code = jazzer(List.of("-merge=1"), few, found, found.resolveSibling("kept"));
        if (code != 0) {
            throw new IOException("the corpus of " + name + " was not minimised, see " + log);
        }
        for (int i = 0; i < own; i++) {
            Files.delete(few.resolve("input-" + i));
        }
        corpus.write(Corpus.pack(few));
        delete(found.resolveSibling("kept"));
    }

    private int jazzer(List<String> options, Path... folders) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // what this JVM was given is what the code needs
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--"))
                .forEach(command::add);
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmx1g", "-XX:+EnableDynamicAgentLoading"));
        if (!optimises) {
            command.add("-XX:TieredStopAtLevel=1");
        }
        command.add(
                "-Dvireo.gate=bounded"); // an access beside what passed the gate is an error, and not another's memory
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "com.code_intelligence.jazzer.Jazzer"));
        command.addAll(List.of("--target_class=" + ENTRY, "--target_args=" + name));
        command.addAll(List.of("--instrumentation_includes=io.vireo.**", "--reproducer_path=" + folder));
        command.addAll(List.of("--disabled_hooks=com.code_intelligence.jazzer.sanitizers.*"));
        command.addAll(List.of("-artifact_prefix=" + folder + "/", "-max_len=" + target.maximumLength()));
        command.addAll(List.of("-timeout=" + TIMEOUT_S, "-rss_limit_mb=0"));
        command.addAll(options);
        Stream.of(folders).map(Path::toString).forEach(command::add);
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Thread end = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(end);
        try {
            return process.waitFor();
        } finally {
            process.destroyForcibly();
            Runtime.getRuntime().removeShutdownHook(end);
        }
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
