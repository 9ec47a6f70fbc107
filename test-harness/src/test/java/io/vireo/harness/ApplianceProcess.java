package io.vireo.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vireo.appliance.Main;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The product as a process of its own: {@code run} with a configuration file. */
final class ApplianceProcess implements AutoCloseable {
    private final Process process;
    private final Path log;

    private ApplianceProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts it and waits until every socket listens.
     *
     * @param folder gets the configuration, the log, and the runtime and state directories {@code run} and {@code state}
     * @param configuration all but these two directories
     */
    static ApplianceProcess start(Path folder, String configuration) throws IOException {
        Path config = Files.writeString(
                folder.resolve("vireo.yaml"),
                "runtime-dir: %s/run\nstate-dir: %s/state\n".formatted(folder, folder) + configuration);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.matches("--(add-|enable-native-access|sun-misc).*"))
                .forEach(command::add);
        command.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(Main.class.getName(), "run", "--config", config.toString()));
        Path log = folder.resolve("log");
        ApplianceProcess appliance = new ApplianceProcess(
                new ProcessBuilder(command).redirectError(log.toFile()).start(), log);
        String first = appliance.process.inputReader(UTF_8).readLine();
        if (!"ready".equals(first)) {
            appliance.close();
            throw new AssertionError("not ready but " + first + ": " + appliance.log());
        }
        return appliance;
    }

    Process process() {
        return process;
    }

    /** What it has written to stderr: log lines, and counters at its end. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Kills it, if it has not ended. */
    @Override
    public void close() {
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }
}
