package io.vireo.benchmarks.vsock;

import io.vireo.benchmarks.support.Cleanup;
import io.vireo.benchmarks.support.PositiveNumber;
import io.vireo.benchmarks.support.Spread;
import io.vireo.harness.guests.VsockLoad;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Streams and connections of vsock, of Vireo and of vhost-device-vsock. */
@Command(
        name = "vsock",
        description = {
            "Measures vsock between a guest in QEMU and the host, by Vireo and by rust-vmm's vhost-device-vsock.",
            "",
            "A pair is one run of each, in turns first. A run starts backend and guest anew, lets the guest do half of the"
                    + " work to warm up, and then has it send to a program of the host, receive from it, and open connections one"
                    + " after the other, on each of which a byte goes there and back. The program is this process, behind"
                    + " the backend's hybrid Unix socket.",
            "",
            "The guest is Debian's kernel, emulated (TCG): for both it is the slowest part by far, so the ratios of its"
                    + " throughput say less than the CPU time that the backends took, which is given too. Nothing"
                    + " is pinned.",
            "",
            "vhost-device-vsock is that of PATH, or else of Debian's unstable release, which is downloaded for the run from this"
                    + " machine's mirror and neither installed nor kept. Needs the Debian packages qemu-system-x86,"
                    + " linux-image-amd64, busybox-static, gcc and libc6-dev.",
            "",
            "Options:"
        },
        optionListHeading = "")
public final class VsockCommand implements Callable<Integer> {
    private static final long MEGABYTE = 1_000_000;
    private static final int WARM_UP = 2;

    @Option(
            names = "--pairs",
            converter = PositiveNumber.class,
            defaultValue = "7",
            paramLabel = "N",
            description = "Pairs of runs; ${DEFAULT-VALUE} by default.")
    private int pairs;

    @Option(
            names = "--megabytes",
            converter = PositiveNumber.class,
            defaultValue = "200",
            paramLabel = "N",
            description = "How much is streamed each way; ${DEFAULT-VALUE} by default.")
    private int megabytes;

    @Option(
            names = "--connections",
            converter = PositiveNumber.class,
            defaultValue = "2000",
            paramLabel = "N",
            description = "How many there are; ${DEFAULT-VALUE} by default.")
    private int connections;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        List<Map<Backend, Measurement>> measured = new ArrayList<>();
        try (Cleanup cleanup = new Cleanup()) {
            Path folder = cleanup.folder("vireo-vsock-peer-");
            Path peer = PeerPackage.program(folder);
            Path load = VsockLoad.compile(folder);
            for (int pair = 0; pair < pairs; pair++) {
                Map<Backend, Measurement> runs = new EnumMap<>(Backend.class);
                for (Backend backend : order(pair)) {
                    runs.put(backend, measure(backend, peer, load));
                    say("pair %d of %d, %s: %s", pair + 1, pairs, backend, runs.get(backend));
                }
                measured.add(runs);
            }
        }
        say("%nmedian (lowest to highest) of Vireo, vhost-device-vsock, and of their ratios");
        summary(measured, "Gbit/s out", 3, Measurement::out);
        summary(measured, "Gbit/s in", 3, Measurement::in);
        summary(measured, "connections/s", 0, Measurement::connections);
        summary(measured, "CPU s/GB out", 2, Measurement::cpuOut);
        summary(measured, "CPU s/GB in", 2, Measurement::cpuIn);
        summary(measured, "CPU s/1000 connections", 2, Measurement::cpuConnections);
        return 0;
    }

    private Measurement measure(Backend backend, Path peer, Path load) throws IOException {
        long bytes = megabytes * MEGABYTE;
        return Measurement.take(
                backend,
                peer,
                load,
                new Measurement.Size(bytes / WARM_UP, Math.max(1, connections / WARM_UP)),
                new Measurement.Size(bytes, connections));
    }

    private static List<Backend> order(int pair) {
        List<Backend> all = List.of(Backend.values());
        return pair % 2 == 0 ? all : all.reversed();
    }

    private void summary(
            List<Map<Backend, Measurement>> measured, String what, int decimals, ToDoubleFunction<Measurement> value) {
        say(
                "%-24s%-24s%-24s%s",
                what,
                spread(measured, value, Backend.VIREO).format(decimals),
                spread(measured, value, Backend.VHOST_DEVICE_VSOCK).format(decimals),
                Spread.of(measured.stream()
                                .mapToDouble(runs ->
                                        of(runs, value, Backend.VIREO) / of(runs, value, Backend.VHOST_DEVICE_VSOCK)))
                        .format(2));
    }

    private static Spread spread(
            List<Map<Backend, Measurement>> measured, ToDoubleFunction<Measurement> value, Backend backend) {
        return Spread.of(measured.stream().mapToDouble(runs -> of(runs, value, backend)));
    }

    private static double of(Map<Backend, Measurement> runs, ToDoubleFunction<Measurement> value, Backend backend) {
        return value.applyAsDouble(Objects.requireNonNull(runs.get(backend)));
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(String.format(Locale.ROOT, format, arguments));
        out.flush();
    }
}
