package io.vireo.benchmarks.live;

import io.vireo.appliance.Subcommand;
import io.vireo.benchmarks.support.PositiveNumber;
import io.vireo.benchmarks.support.Spread;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What idle guests cost the busy ones. */
@Command(
        name = "attached",
        description = {
            "Measures the throughput of two guests with and without idle ones beside them, in turn.",
            "Prints each pair and the median of their ratios."
        })
public final class AttachedCommand implements Subcommand {
    private static final int BUSY_GUESTS = 2;
    private static final double MILLION = 1e6;

    @Option(
            names = "--guests",
            converter = PositiveNumber.class,
            paramLabel = "N",
            defaultValue = "1000",
            description = "Guests in all. Default: 1000.")
    private int guests;

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

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (guests < BUSY_GUESTS) {
            throw new ParameterException(spec.commandLine(), "--guests: there are %d busy ones".formatted(BUSY_GUESTS));
        }
        try (LiveVireo vireo = LiveVireo.start(guests, "", List.of());
                LiveGuest first = LiveGuest.attach(vireo, 1, LiveGuest.BUSY);
                LiveGuest second = LiveGuest.attach(vireo, 2, LiveGuest.BUSY)) {
            Stream stream = new Stream(first, second);
            for (int i = 0; i < 2; i++) { // everything compiled, with idle ports seen
                stream.saturate(TimeUnit.SECONDS.toNanos(2));
                withIdle(vireo, stream, 1);
            }
            double[] ratios = new double[pairs];
            for (int i = 0; i < pairs; i++) {
                double alone = stream.saturate(TimeUnit.SECONDS.toNanos(seconds));
                double among = withIdle(vireo, stream, seconds);
                ratios[i] = among / alone;
                say(
                        "alone %.2f, among %d guests %.2f million frames a second: ratio %.3f",
                        alone / MILLION, guests, among / MILLION, ratios[i]);
            }
            say("median ratio %s", Spread.of(DoubleStream.of(ratios)).format(3));
        }
        return 0;
    }

    private double withIdle(LiveVireo vireo, Stream stream, int forSeconds) throws IOException {
        List<LiveGuest> idle = LiveGuest.attachSmall(vireo, BUSY_GUESTS + 1, guests);
        try {
            return stream.saturate(TimeUnit.SECONDS.toNanos(forSeconds));
        } finally {
            LiveGuest.close(idle);
        }
    }

    private void say(String format, Object... arguments) {
        spec.commandLine().getOut().println(String.format(Locale.ROOT, format, arguments));
        spec.commandLine().getOut().flush();
    }
}
