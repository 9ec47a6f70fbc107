package io.vireo.benchmarks.dpdk;

import io.vireo.benchmarks.support.Cleanup;
import io.vireo.benchmarks.support.PositiveNumber;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Vireo and DPDK's vhost backend under the same load, in pairs. */
@Command(
        name = "vs-dpdk",
        description = {
            "Compares Vireo with DPDK's own vhost backend under the same load.",
            "",
            "The generator is a dpdk-testpmd that plays two guests, on one core; 1024 frames go to and fro between them."
                    + " The backend between the two guests has another core: Vireo's reactor, which checks sources, routes and"
                    + " counts, or the io forwarding of a second dpdk-testpmd, which does not look at frames. A pair is one run"
                    + " of each, on the same cores, with all processes started anew; every other pair begins with Vireo.",
            "",
            "Mpps are million frames a second, both directions together. The backend's time a frame is given as BUSY+EMPTY"
                    + " nanoseconds: in polls that found frames, and in polls that did not. Where the generator is 100%% busy,"
                    + " it is the limit, and only the busy time compares."
                    + " WAITED is how much of the time the two busy threads, together, were kept from their cores by something"
                    + " else: above 2%% or so, the machine was not quiet and the run means little.",
            "",
            "A run in which a frame was dropped is not reported: the command ends with code 1.",
            "",
            "Needs dpdk-testpmd (Debian's package dpdk-dev), two cores on which nothing else runs, and 1 GiB of free huge"
                    + " pages. If there are fewer, the kernel's pool is enlarged for as long as this runs, which takes root.",
            "",
            "Options:"
        },
        optionListHeading = "")
public final class VsDpdkCommand implements Callable<Integer> {
    /** Room for Vireo's own, on top of what the two testpmds take. */
    private static final long EXTRA_MEGABYTES = 64;

    private static final int SMALLEST_FRAME = 64;
    private static final int LARGEST_FRAME = 1514;

    /** What {@code --ring} may say. */
    enum Rings {
        SPLIT,
        PACKED,
        BOTH;

        List<Ring> rings() {
            return switch (this) {
                case SPLIT -> List.of(Ring.SPLIT);
                case PACKED -> List.of(Ring.PACKED);
                case BOTH -> List.of(Ring.values());
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Names them as they are written. */
    static final class RingsConverter implements ITypeConverter<Rings> {
        @Override
        public Rings convert(String text) {
            for (Rings rings : Rings.values()) {
                if (rings.toString().equals(text)) {
                    return rings;
                }
            }
            throw new TypeConversionException("'" + text + "' is not one of " + List.of(Rings.values()));
        }
    }

    @Option(
            names = "--pairs",
            converter = PositiveNumber.class,
            defaultValue = "7",
            paramLabel = "N",
            description = "Pairs; ${DEFAULT-VALUE} by default.")
    private int pairs;

    @Option(
            names = "--seconds",
            converter = PositiveNumber.class,
            defaultValue = "5",
            paramLabel = "N",
            description = "How long frames are counted in a run; ${DEFAULT-VALUE} by default.")
    private int seconds;

    @Option(
            names = "--warm-up",
            converter = PositiveNumber.class,
            defaultValue = "4",
            paramLabel = "N",
            description = "Seconds of the same load before that; ${DEFAULT-VALUE} by default.")
    private int warmUp;

    @Option(
            names = "--ring",
            defaultValue = "both",
            paramLabel = "RING",
            converter = RingsConverter.class,
            description = "One of ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} by default.")
    private Rings rings = Rings.BOTH;

    @Option(
            names = "--size",
            defaultValue = "64,512,1500",
            split = ",",
            paramLabel = "BYTES",
            description =
                    "Frame sizes from the Ethernet header on, without the check sequence; ${DEFAULT-VALUE} by default.")
    private List<Integer> sizes = List.of();

    @Option(
            names = "--cpus",
            split = ",",
            paramLabel = "CPU",
            description = "Two CPUs, for the backend and for the generator, which should not be threads of one core;"
                    + " by default the first two that this process may use.")
    private List<Integer> chosen = List.of();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Cpus cpus = checked();
        Testpmd.program();
        try (Cleanup cleanup = new Cleanup()) {
            HugePages pages = cleanup.own(HugePages.reserve((2L * Testpmd.MEGABYTES + EXTRA_MEGABYTES) << 20));
            if (pages.reserved() > 0) {
                say("%d huge pages were added to the kernel's pool until this ends", pages.reserved());
            }
            Cpus.moveProcess(ProcessHandle.current().pid(), cpus.rest());
            say("backend on CPU %d, generator on CPU %d", cpus.backend(), cpus.generator());
            Bench bench = new Bench(cpus, Duration.ofSeconds(warmUp), Duration.ofSeconds(seconds));
            for (Ring each : rings.rings()) {
                for (int size : sizes) {
                    say("%n%s", compare(bench, each, size).summary().stripTrailing());
                }
            }
        }
        return 0;
    }

    private Comparison compare(Bench bench, Ring each, int size) throws IOException, InterruptedException {
        List<Comparison.Pair> measured = new ArrayList<>();
        say("");
        for (int i = 1; i <= pairs; i++) {
            Comparison.Pair pair;
            if (i % 2 == 1) {
                Measurement dpdk = bench.dpdk(each, size);
                pair = new Comparison.Pair(dpdk, bench.vireo(each, size));
            } else {
                Measurement vireo = bench.vireo(each, size);
                pair = new Comparison.Pair(bench.dpdk(each, size), vireo);
            }
            measured.add(pair);
            say("%s, %d bytes, pair %d of %d: Vireo %s", each, size, i, pairs, pair.vireo());
            say("%s, %d bytes, pair %d of %d: DPDK  %s; ratio %.2f", each, size, i, pairs, pair.dpdk(), pair.ratio());
        }
        return new Comparison(each, size, measured);
    }

    private Cpus checked() throws IOException {
        for (int size : sizes) {
            if (size < SMALLEST_FRAME || size > LARGEST_FRAME) {
                throw usage("--size: %d is not from %d to %d".formatted(size, SMALLEST_FRAME, LARGEST_FRAME));
            }
        }
        List<Integer> allowed = Cpus.allowedHere();
        if (allowed.size() < 2) {
            throw new IOException("two CPUs are needed, and this process may use one only");
        }
        List<Integer> two = chosen.isEmpty() ? allowed.subList(0, 2) : chosen;
        try {
            if (two.size() != 2) {
                throw new IllegalArgumentException("two CPUs are needed, not " + two.size());
            }
            return new Cpus(two.getFirst(), two.getLast(), allowed);
        } catch (IllegalArgumentException e) {
            throw usage("--cpus: " + e.getMessage());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(String.format(Locale.ROOT, format, arguments));
        out.flush();
    }
}
