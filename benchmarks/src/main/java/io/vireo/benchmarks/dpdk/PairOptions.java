package io.vireo.benchmarks.dpdk;

import io.vireo.benchmarks.support.Cleanup;
import io.vireo.benchmarks.support.PositiveNumber;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** How often, how long and where both backends run, one after the other. */
final class PairOptions {
    /** Room for Vireo's own, on top of what the two testpmds take. */
    private static final long EXTRA_MEGABYTES = 64;

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
            names = "--cpus",
            split = ",",
            paramLabel = "CPU",
            description = "Two CPUs, for the backend and for the generator, which should not be threads of one core;"
                    + " by default the first two that this process may use.")
    private List<Integer> chosen = List.of();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    /** Measures one backend. */
    interface Run {
        Measurement measure() throws IOException, InterruptedException;
    }

    /** Measures all that there is to measure. */
    interface Body {
        void run(Cpus cpus) throws IOException, InterruptedException;
    }

    Duration interval() {
        return Duration.ofSeconds(seconds);
    }

    Duration warmUp() {
        return Duration.ofSeconds(warmUp);
    }

    List<Ring> rings() {
        return rings.rings();
    }

    /** Prepares the machine, and leaves it as it was. */
    void run(Body body) throws IOException, InterruptedException {
        Cpus cpus = cpus();
        Testpmd.program();
        try (Cleanup cleanup = new Cleanup()) {
            HugePages pages = cleanup.own(HugePages.reserve((2L * Testpmd.MEGABYTES + EXTRA_MEGABYTES) << 20));
            if (pages.reserved() > 0) {
                say("%d huge pages were added to the kernel's pool until this ends", pages.reserved());
            }
            Cpus.moveProcess(ProcessHandle.current().pid(), cpus.rest());
            say("backend on CPU %d, generator on CPU %d", cpus.backend(), cpus.generator());
            body.run(cpus);
        }
    }

    /** Measures pairs, of which every other one begins with Vireo, and prints them with their summary. */
    void compare(String what, Run dpdk, Run vireo) throws IOException, InterruptedException {
        List<Comparison.Pair> measured = new ArrayList<>();
        say("");
        for (int i = 1; i <= pairs; i++) {
            Comparison.Pair pair;
            if (i % 2 == 1) {
                Measurement first = dpdk.measure();
                pair = new Comparison.Pair(first, vireo.measure());
            } else {
                Measurement first = vireo.measure();
                pair = new Comparison.Pair(dpdk.measure(), first);
            }
            measured.add(pair);
            say("%s, pair %d of %d: Vireo %s", what, i, pairs, pair.vireo());
            say("%s, pair %d of %d: DPDK  %s; ratio %.2f", what, i, pairs, pair.dpdk(), pair.ratio());
        }
        say("%n%s", new Comparison(what, measured).summary().stripTrailing());
    }

    private Cpus cpus() throws IOException {
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
            throw new ParameterException(spec.commandLine(), "--cpus: " + e.getMessage());
        }
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(String.format(Locale.ROOT, format, arguments));
        out.flush();
    }
}
