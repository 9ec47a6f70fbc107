package io.vireo.benchmarks.vsock;

import io.vireo.benchmarks.support.Child;
import io.vireo.benchmarks.support.Cleanup;
import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestConfig;
import io.vireo.harness.guests.HybridHost;
import io.vireo.harness.guests.QemuGuest;
import io.vireo.harness.guests.VsockLoad;
import io.vireo.harness.guests.VsockLoad.Transfer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * One run.
 *
 * @param out Gbit/s from the guest to the host
 * @param in and back
 * @param connections a second, one after the other, with a byte there and back on each
 * @param cpuOut the backend's CPU time in seconds for each gigabyte from the guest
 * @param cpuIn to the guest
 * @param cpuConnections and for each thousand connections
 */
record Measurement(double out, double in, double connections, double cpuOut, double cpuIn, double cpuConnections) {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final int WARM_UP_PORT = 5000;
    private static final int PORT = 6000;
    private static final double GIGA = 1e9;
    private static final double THOUSAND = 1e3;

    /** How much is done: bytes in each direction, and connections. */
    record Size(long bytes, int connections) {}

    /**
     * Starts backend and guest anew and measures.
     *
     * @param load the guest's program
     * @param warmUp what is done first, without being measured
     */
    static Measurement take(Backend backend, Path peer, Path load, Size warmUp, Size size) throws IOException {
        try (Cleanup cleanup = new Cleanup()) {
            Path folder = cleanup.folder("vireo-vsock-");
            Child process = backend.start(cleanup, folder, peer);
            HybridHost host = cleanup.own(new HybridHost(Backend.uds(folder)));
            Guest guest = cleanup.own(QemuGuest.start(GuestConfig.of("vm1")
                    .withMemory(256)
                    .withVsock(Backend.socket(folder))
                    .withProgram(load.toString(), "gcc")));
            take(host, guest, process, WARM_UP_PORT, warmUp);
            return take(host, guest, process, PORT, size);
        }
    }

    /** @param port the first of three */
    private static Measurement take(HybridHost host, Guest guest, Child backend, int port, Size size)
            throws IOException {
        host.serve(port, program -> HybridHost.receive(program, size.bytes()));
        host.serve(port + 1, program -> HybridHost.send(program, size.bytes()));
        host.serve(port + 2, HybridHost::echo);
        double before = cpuSeconds(backend);
        Transfer out = VsockLoad.transfer(guest, "send 2 %d %d".formatted(port, size.bytes()), LONG);
        double afterOut = cpuSeconds(backend);
        Transfer in = VsockLoad.transfer(guest, "receive 2 %d %d".formatted(port + 1, size.bytes()), LONG);
        double afterIn = cpuSeconds(backend);
        long ns = VsockLoad.connections(guest, "turn 2 %d %d".formatted(port + 2, size.connections()), LONG);
        double afterConnections = cpuSeconds(backend);
        return new Measurement(
                out.gbit(),
                in.gbit(),
                size.connections() * GIGA / ns,
                (afterOut - before) * GIGA / size.bytes(),
                (afterIn - afterOut) * GIGA / size.bytes(),
                (afterConnections - afterIn) * THOUSAND / size.connections());
    }

    private static double cpuSeconds(Child process) throws IOException {
        return ProcessHandle.of(process.pid())
                        .flatMap(handle -> handle.info().totalCpuDuration())
                        .orElseThrow(() -> process.failure("has ended", null))
                        .toMillis()
                / THOUSAND;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.3f Gbit/s out, %.3f in, %.0f connections/s; CPU %.2f s/GB out, %.2f in, %.2f s for 1000 connections",
                out,
                in,
                connections,
                cpuOut,
                cpuIn,
                cpuConnections);
    }
}
