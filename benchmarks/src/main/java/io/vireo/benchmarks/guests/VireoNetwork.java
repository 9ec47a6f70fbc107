package io.vireo.benchmarks.guests;

import io.vireo.benchmarks.support.Child;
import io.vireo.benchmarks.support.Cleanup;
import io.vireo.benchmarks.support.VireoProcess;
import io.vireo.harness.guests.Guest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Vireo in a process of its own. Where nobody closes it, the end of this JVM does. */
final class VireoNetwork extends Network {
    private static final String WITHOUT_OFFLOADS = ", offloads: false";

    private final Cleanup cleanup;
    private final Path folder;
    private final Child process;

    private VireoNetwork(Cleanup cleanup, Path folder, Child process) {
        this.cleanup = cleanup;
        this.folder = folder;
        this.process = process;
    }

    /** Returns when both sockets listen. */
    static VireoNetwork start(boolean offloads) throws IOException {
        Cleanup cleanup = new Cleanup();
        try {
            Path folder = cleanup.folder("vireo-guests-");
            String configuration = configuration(folder, offloads);
            Child process = VireoProcess.start(cleanup, folder, List.of(), configuration, List.of());
            return new VireoNetwork(cleanup, folder, process);
        } catch (Throwable e) {
            cleanup.close();
            throw e;
        }
    }

    private static String configuration(Path folder, boolean offloads) {
        StringBuilder text = new StringBuilder("""
                runtime-dir: "%1$s"
                state-dir: "%1$s/state"
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

    @Override
    long workNs() throws IOException {
        return process.ranNs(VireoProcess.REACTOR);
    }

    @Override
    public void close() {
        cleanup.close();
    }
}
