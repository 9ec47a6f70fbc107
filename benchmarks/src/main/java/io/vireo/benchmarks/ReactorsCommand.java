package io.vireo.benchmarks;

import io.vireo.appliance.Subcommand;
import io.vireo.benchmarks.support.PositiveNumber;
import io.vireo.benchmarks.support.Spread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How the throughput of two independent pairs of guests grows with a second reactor. Each thread does what a reactor does
 * for a batch, and what its guests' drivers do: with generators on threads of their own, two cores would have four threads
 * to run, and the figure would be the scheduler's.
 */
@Command(
        name = "reactors",
        description = {
            "Measures the throughput of two pairs of guests with one reactor and with two, in turn, and that frames",
            "arrive in order. Each reactor's thread does its guests' work too; two processors have to be free.",
            "Prints each pair of measurements and the median of their ratios."
        })
public final class ReactorsCommand implements Subcommand {
    private static final int GUEST_PAIRS = 2;
    private static final int SMALLEST_FRAME = 64;
    private static final int LARGEST_FRAME = 1518;
    private static final double MILLION = 1e6;
    private static final double NS_PER_SECOND = 1e9;

    @Option(
            names = "--pairs",
            converter = PositiveNumber.class,
            paramLabel = "N",
            defaultValue = "7",
            description = "Pairs of measurements. Default: 7.")
    private int pairs;

    @Option(
            names = "--seconds",
            converter = PositiveNumber.class,
            paramLabel = "S",
            defaultValue = "2",
            description = "For each of them. Default: 2.")
    private int seconds;

    @Option(
            names = "--frame",
            paramLabel = "BYTES",
            defaultValue = "64",
            description = "Size of a frame on a wire, 64 to 1518. Default: 64.")
    private int frame;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        if (frame < SMALLEST_FRAME || frame > LARGEST_FRAME) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--frame: %d is not from %d to %d".formatted(frame, SMALLEST_FRAME, LARGEST_FRAME));
        }
        List<GuestPair> guests = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(GUEST_PAIRS)) {
            for (int i = 0; i < GUEST_PAIRS; i++) {
                guests.add(new GuestPair(GuestPair.datagram(frame), 0, 0));
            }
            for (int warmUp = 0; warmUp < 2; warmUp++) {
                rate(threads, guests, 1);
                rate(threads, guests, GUEST_PAIRS);
            }
            double[] ratios = new double[pairs];
            for (int i = 0; i < pairs; i++) {
                double one = rate(threads, guests, 1);
                double two = rate(threads, guests, GUEST_PAIRS);
                ratios[i] = two / one;
                say(
                        "one reactor %.2f, two reactors %.2f million frames a second: ratio %.3f",
                        one / MILLION, two / MILLION, ratios[i]);
            }
            say("median ratio %s", Spread.of(DoubleStream.of(ratios)).format(3));
        } finally {
            guests.forEach(GuestPair::close);
        }
        return 0;
    }

    /** @return frames a second of all guests together, who are dealt to so many reactors */
    private double rate(ExecutorService threads, List<GuestPair> guests, int reactors)
            throws InterruptedException, ExecutionException {
        List<Callable<Double>> work = new ArrayList<>();
        for (int reactor = 0; reactor < reactors; reactor++) {
            int share = guests.size() / reactors;
            List<GuestPair> its = guests.subList(reactor * share, (reactor + 1) * share);
            work.add(() -> serve(its, TimeUnit.SECONDS.toNanos(seconds)));
        }
        double rate = 0;
        for (Future<Double> result : threads.invokeAll(work)) {
            rate += result.get();
        }
        return rate;
    }

    private static double serve(List<GuestPair> guests, long durationNs) {
        long frames = 0;
        long startNs = System.nanoTime();
        long nowNs = startNs;
        while (nowNs - startNs < durationNs) {
            for (GuestPair pair : guests) {
                frames += pair.exchange();
            }
            nowNs = System.nanoTime();
        }
        return frames * NS_PER_SECOND / (nowNs - startNs);
    }

    private void say(String format, Object... arguments) {
        spec.commandLine().getOut().println(String.format(Locale.ROOT, format, arguments));
        spec.commandLine().getOut().flush();
    }
}
