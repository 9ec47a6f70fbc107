package io.vireo.benchmarks.live;

import io.vireo.appliance.Subcommand;
import io.vireo.benchmarks.support.PositiveNumber;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Round trips between two guests while two others load the reactor. */
@Command(
        name = "latency",
        description = {
            "Measures round trips between two guests under load, and the stops of Vireo's JVM meanwhile.",
            "The load is a part of the most that two further guests can exchange."
        })
public final class LatencyCommand implements Subcommand {
    private static final List<String> COLLECTORS = List.of("serial", "parallel", "g1", "z");
    private static final int GUESTS = 4;
    private static final double US = 1e3;
    private static final double PERCENT = 100;
    private static final long WARM_UP_NS = TimeUnit.SECONDS.toNanos(3);
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    @Option(
            names = "--gc",
            split = ",",
            paramLabel = "GC",
            defaultValue = "serial,g1,z",
            description = "Collectors to run Vireo with: serial, parallel, g1, z. Default: serial,g1,z.")
    private List<String> collectors = List.of();

    @Option(
            names = "--load",
            split = ",",
            paramLabel = "%%",
            defaultValue = "0,50,90",
            description = "Default: 0,50,90.")
    private List<Integer> loads = List.of();

    @Option(
            names = "--seconds",
            converter = PositiveNumber.class,
            paramLabel = "S",
            defaultValue = "10",
            description = "For each load. Default: 10.")
    private int seconds;

    @Option(
            names = "--interval",
            converter = PositiveNumber.class,
            paramLabel = "US",
            defaultValue = "500",
            description = "Microseconds between probes. Default: 500.")
    private int intervalUs;

    @Option(
            names = "--idle",
            paramLabel = "MODE",
            defaultValue = "adaptive",
            description = "Vireo's: adaptive or busy. Default: adaptive.")
    private String mode = "adaptive";

    @Option(names = "--collect", description = "Have Vireo's JVM collect all its garbage once a second.")
    private boolean collect;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (String collector : collectors) {
            if (!COLLECTORS.contains(collector)) {
                throw new ParameterException(spec.commandLine(), "Unknown collector " + collector);
            }
        }
        for (int load : loads) {
            if (load < 0 || load > PERCENT) {
                throw new ParameterException(spec.commandLine(), "--load: %d is not from 0 to 100".formatted(load));
            }
        }
        say(
                "%-8s %4s %9s %7s %7s %7s %7s %6s %6s %5s %9s",
                "gc", "load", "trips", "p50 us", "p99", "p99.9", "max", "lost", "stops", "gcs", "longest us");
        for (String collector : collectors) {
            measure(collector);
        }
        return 0;
    }

    private void measure(String collector) throws IOException, InterruptedException {
        List<String> options = List.of(
                "-XX:+Use" + collector.substring(0, 1).toUpperCase(Locale.ROOT) + collector.substring(1) + "GC",
                Stops.JAVA_OPTION);
        try (LiveVireo vireo = LiveVireo.start(GUESTS, "idle: {mode: " + mode + "}", options);
                LiveGuest prober = LiveGuest.attach(vireo, 1, LiveGuest.BUSY);
                LiveGuest responder = LiveGuest.attach(vireo, 2, LiveGuest.BUSY);
                LiveGuest from = LiveGuest.attach(vireo, 3, LiveGuest.BUSY);
                LiveGuest to = LiveGuest.attach(vireo, 4, LiveGuest.BUSY)) {
            Stream load = new Stream(from, to);
            RoundTrips trips = new RoundTrips(prober, responder, TimeUnit.MICROSECONDS.toNanos(intervalUs));
            run(trips, load, Double.POSITIVE_INFINITY, WARM_UP_NS, nowNs -> {});
            run(trips, load, load.rate() / 2, WARM_UP_NS, nowNs -> {});
            run(trips, load, Double.POSITIVE_INFINITY, WARM_UP_NS, nowNs -> {});
            double most = load.rate();
            say("%-8s carries %.2f million frames a second at most", collector, most / 1e6);
            for (int percent : loads) {
                int position = Stops.position(vireo);
                double lost =
                        run(trips, load, most * percent / PERCENT, TimeUnit.SECONDS.toNanos(seconds), collector(vireo));
                report(collector, percent, trips, lost, Stops.since(position, vireo));
            }
        }
    }

    /** @return the part of the load that was lost or could not be sent */
    private static double run(RoundTrips trips, Stream load, double rate, long durationNs, LongConsumer each)
            throws IOException {
        long startNs = System.nanoTime();
        load.pace(rate, startNs);
        trips.start(startNs);
        long nowNs = startNs;
        while (nowNs - startNs < durationNs) {
            load.turn(nowNs);
            trips.send(nowNs);
            trips.receive();
            each.accept(nowNs);
            nowNs = System.nanoTime();
        }
        while (trips.missing() > 0 && nowNs - startNs - durationNs < SECOND_NS) { // the slowest count most
            load.take();
            trips.receive();
            nowNs = System.nanoTime();
        }
        double kept = load.kept();
        return 1 - kept * (1 - load.lost(nowNs + SECOND_NS));
    }

    /** Has everything collected once a second, if that is wanted; by another process, so that nobody here waits. */
    private LongConsumer collector(LiveVireo vireo) {
        if (!collect) {
            return nowNs -> {};
        }
        long[] next = {System.nanoTime() + SECOND_NS / 2};
        return nowNs -> {
            if (nowNs - next[0] >= 0) {
                next[0] += SECOND_NS;
                vireo.collectGarbage();
            }
        };
    }

    private void report(String collector, int percent, RoundTrips trips, double lost, Stops stops) {
        Histogram histogram = trips.histogram();
        say(
                "%-8s %3d%% %9d %7.1f %7.1f %7.1f %7.1f %5.2f%% %6d %5d %9.1f",
                collector,
                percent,
                histogram.getTotalCount(),
                histogram.getValueAtPercentile(50) / US,
                histogram.getValueAtPercentile(99) / US,
                histogram.getValueAtPercentile(99.9) / US,
                histogram.getMaxValue() / US,
                lost * PERCENT,
                stops.count(),
                stops.collections(),
                stops.longestNs() / US);
        if (trips.missing() > 0) {
            say("%d round trips are missing", trips.missing());
        }
    }

    private void say(String format, Object... arguments) {
        spec.commandLine().getOut().println(String.format(Locale.ROOT, format, arguments));
        spec.commandLine().getOut().flush();
    }
}
