package io.vireo.benchmarks.guests;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vireo.appliance.Main;
import io.vireo.harness.guests.Guest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code vireo run} in a process of its own, on this process's class path and with its JVM's flags. Where nobody closes it,
 * the end of this JVM does.
 */
final class VireoNetwork extends Network {
    private static final String REACTOR = "reactor-0";
    private static final String WITHOUT_OFFLOADS = ", offloads: false";
    private static final long END_SECONDS = 10;

    private static final Set<VireoNetwork> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(VireoNetwork::close), "vireo-close"));
    }

    private final Path folder;
    private final Process process;

    private VireoNetwork(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
        OPEN.add(this);
    }

    /** Returns when both sockets listen. */
    static VireoNetwork start(boolean offloads) throws IOException {
        Path folder = Files.createTempDirectory("vireo-guests-");
        Path config = Files.writeString(folder.resolve("vireo.yaml"), configuration(folder, offloads));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!flag.startsWith("-agentlib:")) { // a debugger's port can be had once
                command.add(flag);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("run", "--config", config.toString()));
        Path log = folder.resolve("log");
        VireoNetwork vireo = new VireoNetwork(
                folder, new ProcessBuilder(command).redirectError(log.toFile()).start());
        try {
            String first = vireo.process.inputReader(UTF_8).readLine();
            if (!"ready".equals(first)) {
                throw new IOException("Vireo did not start: " + Files.readString(log));
            }
            return vireo;
        } catch (Throwable e) {
            vireo.close();
            throw e;
        }
    }

    private static String configuration(Path folder, boolean offloads) {
        StringBuilder text = new StringBuilder("""
                runtime-dir: "%s"
                networks:
                  - {name: default, ipv4: 10.0.0.0/24}
                guests:
                """.formatted(folder));
        for (int guest = 1; guest <= 2; guest++) {
            text.append("  - {name: vm%1$d, network: default, mac: \"52:54:00:12:34:0%1$d\", ipv4: %2$s%3$s}%n"
                    .formatted(guest, address(guest), offloads ? "" : WITHOUT_OFFLOADS));
        }
        return text.toString();
    }

    @Override
    Guest boot(int guest) throws IOException {
        return start(config(guest, "eth0").withLink(folder.resolve("vm" + guest + ".sock")));
    }

    /** Of the reactor: proc(5), task/TID/schedstat, begins with the nanoseconds that the thread has run. */
    @Override
    long workNs() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path thread : threads.toList()) {
                if (Files.readString(thread.resolve("comm")).strip().equals(REACTOR)) {
                    String statistics = Files.readString(thread.resolve("schedstat"));
                    return Long.parseLong(statistics.substring(0, statistics.indexOf(' ')));
                }
            }
        }
        throw new IOException("Vireo has no thread " + REACTOR);
    }

    /** Ends the process and removes its folder. */
    @Override
    public void close() {
        if (!OPEN.remove(this)) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().onExit().join();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
