package io.vireo.benchmarks.live;

import com.sun.management.UnixOperatingSystemMXBean;
import io.vireo.benchmarks.support.Child;
import io.vireo.benchmarks.support.Cleanup;
import io.vireo.benchmarks.support.VireoProcess;
import io.vireo.harness.packets.Packets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Vireo in a process of its own. Its guests are numbered from 1 and share the network 10.0.0.0/16. {@link #close} ends it
 * and removes what it left.
 */
public final class LiveVireo implements AutoCloseable {
    /** Descriptors that a guest takes in either process: socket, memory, kicks, calls, and what waits for them. */
    private static final int FILES_PER_GUEST = 10;

    private static final int OTHER_FILES = 200;
    private static final long CLOCK_TICK_NS = 10_000_000; // USER_HZ is 100 on every architecture that Java runs on
    private static final int GUESTS_PER_BYTE = 250;

    private final Cleanup cleanup;
    private final Path folder;
    private final Child process;

    private LiveVireo(Cleanup cleanup, Path folder, Child process) {
        this.cleanup = cleanup;
        this.folder = folder;
        this.process = process;
    }

    /**
     * Returns when every socket listens.
     *
     * @param top lines of the configuration's top level
     * @param javaOptions for its JVM, besides this one's; {@code FOLDER} in them is a folder for its files
     */
    public static LiveVireo start(int guests, String top, List<String> javaOptions) throws IOException {
        requireFiles(guests);
        Cleanup cleanup = new Cleanup();
        try {
            Path folder = cleanup.folder("vireo-benchmark-");
            List<String> options = javaOptions.stream()
                    .map(option -> option.replace("FOLDER", folder.toString()))
                    .toList();
            String configuration = configuration(folder, guests, top);
            return new LiveVireo(
                    cleanup, folder, VireoProcess.start(cleanup, folder, List.of(), configuration, options));
        } catch (Throwable e) {
            cleanup.close();
            throw e;
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
                runtime-dir: "%1$s"
                state-dir: "%1$s/state"
                %2$s
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

    public static String mac(int guest) {
        return "52:54:00:12:%02x:%02x".formatted(guest >> 8, guest & 0xff);
    }

    public static Inet4Address address(int guest) {
        return Packets.ip("10.0.%d.%d".formatted(1 + guest / GUESTS_PER_BYTE, 1 + guest % GUESTS_PER_BYTE));
    }

    public Path socket(int guest) {
        return folder.resolve("g" + guest + ".sock");
    }

    /** A file that its JVM was told to write. */
    Path file(String name) {
        return folder.resolve(name);
    }

    public long pid() {
        return process.pid();
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

    /** Ends it. @return what it printed: its counters are the last of it */
    public List<String> end() throws IOException {
        return process.end().lines().toList();
    }

    @Override
    public void close() {
        cleanup.close();
    }
}
