package io.vireo.benchmarks.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.UnixOperatingSystemMXBean;
import io.vireo.appliance.Main;
import io.vireo.harness.packets.Packets;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code vireo run} in a process of its own, on this process's class path and with its JVM's flags. Its guests are numbered
 * from 1 and share the network 10.0.0.0/16. {@link #close} ends it and removes what it left.
 */
final class LiveVireo implements AutoCloseable {
    /** Of which a JVM takes one only. */
    private static final String COLLECTOR = "-XX:\\+Use\\w+GC";

    /** Descriptors that a guest takes in either process: socket, memory, kicks, calls, and what waits for them. */
    private static final int FILES_PER_GUEST = 10;

    private static final int OTHER_FILES = 200;
    private static final long CLOCK_TICK_NS = 10_000_000; // USER_HZ is 100 on every architecture that Java runs on
    private static final int GUESTS_PER_BYTE = 250;
    private static final long END_SECONDS = 10;

    private final Path folder;
    private final Process process;
    private final Path log;

    private LiveVireo(Path folder, Process process, Path log) {
        this.folder = folder;
        this.process = process;
        this.log = log;
    }

    /**
     * Returns when every socket listens.
     *
     * @param top lines of the configuration's top level
     * @param javaOptions for its JVM, besides this one's; {@code FOLDER} in them is a folder for its files
     */
    static LiveVireo start(int guests, String top, List<String> javaOptions) throws IOException {
        requireFiles(guests);
        Path folder = Files.createTempDirectory("vireo-benchmark-");
        Path config = Files.writeString(folder.resolve("vireo.yaml"), configuration(folder, guests, top));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        boolean otherCollector = javaOptions.stream().anyMatch(option -> option.matches(COLLECTOR));
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            boolean collector = flag.matches(COLLECTOR);
            if (collector ? !otherCollector : flag.matches("--(add-|enable-native-access|sun-misc).*")) {
                command.add(flag);
            }
        }
        for (String option : javaOptions) {
            command.add(option.replace("FOLDER", folder.toString()));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("run", "--config", config.toString()));
        Path log = folder.resolve("stderr");
        LiveVireo vireo = new LiveVireo(
                folder, new ProcessBuilder(command).redirectError(log.toFile()).start(), log);
        try {
            vireo.awaitReady();
            return vireo;
        } catch (IOException e) {
            vireo.close();
            throw e;
        }
    }

    private void awaitReady() throws IOException {
        BufferedReader out = process.inputReader(UTF_8);
        if (!"ready".equals(out.readLine())) {
            throw new IOException("Vireo did not start: " + Files.readString(log));
        }
    }

    private static void requireFiles(int guests) throws IOException {
        long needed = (long) guests * FILES_PER_GUEST + OTHER_FILES;
        long allowed = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
        if (allowed < needed) {
            throw new IOException("%d guests need %d open files, and %d are allowed: raise the limit (ulimit -n %d)"
                    .formatted(guests, needed, allowed, needed));
        }
    }

    private static String configuration(Path folder, int guests, String top) {
        StringBuilder text = new StringBuilder("""
                runtime-dir: "%s"
                %s
                networks:
                  - {name: default, ipv4: 10.0.0.0/16}
                guests:
                """.formatted(folder, top));
        for (int guest = 1; guest <= guests; guest++) {
            text.append("  - {name: g%d, network: default, mac: \"%s\", ipv4: %s}%n"
                    .formatted(guest, mac(guest), address(guest).getHostAddress()));
        }
        return text.toString();
    }

    static String mac(int guest) {
        return "52:54:00:12:%02x:%02x".formatted(guest >> 8, guest & 0xff);
    }

    static Inet4Address address(int guest) {
        return Packets.ip("10.0.%d.%d".formatted(1 + guest / GUESTS_PER_BYTE, 1 + guest % GUESTS_PER_BYTE));
    }

    Path socket(int guest) {
        return folder.resolve("g" + guest + ".sock");
    }

    /** A file that its JVM was told to write. */
    Path file(String name) {
        return folder.resolve(name);
    }

    /** User and system time of all its threads so far. */
    long cpuNs() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        // proc_pid_stat(5): behind the name, which is in parentheses, utime and stime are numbers 14 and 15 of all
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        return (Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12))) * CLOCK_TICK_NS;
    }

    /** Asks its JVM to collect everything, without waiting for it. */
    void collectGarbage() {
        try {
            new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(process.pid()),
                            "GC.run")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it. @return what it printed last: its counters */
    List<String> end() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("Vireo does not end");
        }
        return Files.readAllLines(log);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
