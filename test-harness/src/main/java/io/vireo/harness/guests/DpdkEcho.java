package io.vireo.harness.guests;

import io.vireo.harness.packets.Mac;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Guests by DPDK's virtio-user driver, a dpdk-testpmd process, that send each datagram back to where it came from. They
 * listen on their sockets, as only then virtio-user survives the end of its backend. The process polls, and so takes all
 * the time of a CPU that nobody else wants. Debian's package is {@code dpdk-dev}.
 */
public final class DpdkEcho implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern FORWARDING = Pattern.compile("Press enter to exit");

    /**
     * One of them.
     *
     * @param packed whether its rings are packed, or split
     */
    public record Port(Path socket, Mac mac, boolean packed) {}

    private final Process process;
    private final Path folder;
    private final Console console;

    private DpdkEcho(Process process, Path folder) {
        this.process = process;
        this.folder = folder;
        console = Console.of(process, "dpdk-console");
    }

    /** Starts them, and waits until a backend has connected to each. */
    public static DpdkEcho start(Port... ports) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Host.program("nice", "coreutils").toString(),
                "-n",
                "19",
                Host.program("stdbuf", "coreutils").toString(),
                "-oL", // its output line by line
                Host.program("dpdk-testpmd", "dpdk-dev").toString(),
                "--lcores=0@(0-1),1@(0-1)", // one to wait for the end, one to forward
                "--no-huge",
                "--no-shconf",
                "--no-pci",
                "--no-telemetry",
                "-m",
                "64"));
        for (int i = 0; i < ports.length; i++) {
            Port port = ports[i];
            command.add("--vdev=net_virtio_user%d,path=%s,server=1,queue_size=256,packed_vq=%d,mac=%s"
                    .formatted(i, port.socket(), port.packed() ? 1 : 0, port.mac()));
        }
        command.addAll(List.of(
                "--",
                "--auto-start",
                "--forward-mode=5tswap",
                "--port-topology=loop",
                "--nb-cores=1",
                "--total-num-mbufs=4096",
                "--no-flush-rx"));
        Path folder = Files.createTempDirectory("vireo-dpdk-");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        DpdkEcho echo = new DpdkEcho(process, folder);
        if (echo.console.await(FORWARDING, 0, PATIENCE).isEmpty()) {
            echo.close();
            throw new GuestException("dpdk-testpmd does not forward:\n" + echo.output());
        }
        return echo;
    }

    /** What it has printed last. */
    public String output() {
        return console.tail();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
        Guest.deleteTree(folder);
    }
}
