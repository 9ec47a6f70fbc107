package io.vireo.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vireo.benchmarks.support.Cleanup;
import io.vireo.benchmarks.support.Spread;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** How long it takes from the execution of {@code ./vireo run} to its line "ready", launcher included. */
@Command(name = "start", description = "Measures the time from ./vireo run to 'ready', with two guests configured.")
final class StartBenchmark implements Callable<Integer> {
    private static final int RUNS = 7;
    private static final long END_TIMEOUT_S = 10;
    private static final String CONFIG = """
            runtime-dir: FOLDER
            state-dir: FOLDER/state
            networks:
              - {name: default, ipv4: 10.0.0.0/24}
            guests:
              - {name: vm1, network: default, mac: "52:54:00:12:34:01", ipv4: 10.0.0.5}
              - {name: vm2, network: default, mac: "52:54:00:12:34:02", ipv4: 10.0.0.6}
            """;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path launcher = launcher();
        double[] milliseconds = new double[RUNS];
        try (Cleanup cleanup = new Cleanup()) {
            Path folder = cleanup.folder("vireo-start-");
            Path config = Files.writeString(folder.resolve("vireo.yaml"), CONFIG.replace("FOLDER", folder.toString()));
            startOnce(launcher, config); // reads the files into the page cache
            for (int i = 0; i < RUNS; i++) {
                milliseconds[i] = startOnce(launcher, config) / 1e6;
            }
        }
        spec.commandLine()
                .getOut()
                .println(String.format(
                        Locale.ROOT,
                        "start to ready, %d runs: median %s ms",
                        RUNS,
                        Spread.of(DoubleStream.of(milliseconds)).format(0)));
        return 0;
    }

    /** The class path is one jar, in benchmarks/target of the source tree. */
    private static Path launcher() throws IOException {
        Path jar = Path.of(System.getProperty("java.class.path")).toAbsolutePath();
        Path launcher = jar.resolveSibling("../../vireo").normalize();
        if (!Files.isExecutable(launcher)) {
            throw new IOException("there is no " + launcher + ": run this with ./vireo in the source tree");
        }
        return launcher;
    }

    /** @return nanoseconds */
    private static long startOnce(Path launcher, Path config) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(launcher.toString(), "run", "--config", config.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out = process.inputReader(UTF_8)) {
            String line = out.readLine();
            long took = System.nanoTime() - start;
            if (!"ready".equals(line)) {
                throw new IOException("./vireo run printed " + line + " instead of ready");
            }
            process.destroy(); // SIGTERM
            if (!process.waitFor(END_TIMEOUT_S, TimeUnit.SECONDS)) {
                throw new IOException("./vireo run did not end at SIGTERM");
            }
            return took;
        } finally {
            process.destroyForcibly();
        }
    }
}
