package io.vireo.benchmarks.live;

import io.vireo.appliance.Subcommand;
import io.vireo.benchmarks.support.PositiveNumber;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What guests cost that do nothing, and what the first of them waits that does something. */
@Command(
        name = "idle",
        description = "Measures the processor time of Vireo with idle guests, and the first echo after a silence.")
public final class IdleCommand implements Subcommand {
    private static final int WARM_UP_PINGS = 3000;
    private static final double PERCENT = 100;
    private static final double US = 1e3;

    @Option(
            names = "--guests",
            converter = PositiveNumber.class,
            paramLabel = "N",
            defaultValue = "100",
            description = "Guests attached. Default: 100.")
    private int guests;

    @Option(
            names = "--seconds",
            converter = PositiveNumber.class,
            paramLabel = "S",
            defaultValue = "60",
            description = "Of doing nothing. Default: 60.")
    private int seconds;

    @Option(
            names = "--echoes",
            converter = PositiveNumber.class,
            paramLabel = "N",
            defaultValue = "20",
            description = "Echoes, each of another guest. Default: 20.")
    private int echoes;

    @Option(
            names = "--silence",
            converter = PositiveNumber.class,
            paramLabel = "S",
            defaultValue = "30",
            description = "Seconds before each echo. Default: 30.")
    private int silence;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (LiveVireo vireo = LiveVireo.start(guests, "", List.of())) {
            List<LiveGuest> attached = LiveGuest.attachSmall(vireo, 1, guests);
            try {
                measure(vireo, attached);
            } finally {
                LiveGuest.close(attached);
            }
            vireo.end().stream().filter(line -> line.startsWith("reactor-")).forEach(line -> say("%s", line));
        }
        return 0;
    }

    private void measure(LiveVireo vireo, List<LiveGuest> attached) throws IOException, InterruptedException {
        for (int i = 0; i < WARM_UP_PINGS; i++) { // guests that have leased, and code that is compiled
            attached.get(i % guests).ping();
        }
        TimeUnit.SECONDS.sleep(1);
        long cpuNs = vireo.cpuNs();
        long startNs = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        double share = (double) (vireo.cpuNs() - cpuNs) / (System.nanoTime() - startNs);
        say("%d idle guests: %.2f%% of a core over %d s", guests, share * PERCENT, seconds);
        long[] trips = new long[echoes];
        for (int i = 0; i < echoes; i++) {
            TimeUnit.SECONDS.sleep(silence);
            trips[i] = attached.get((i + 1) % guests).ping();
        }
        Arrays.sort(trips);
        say(
                "first echo after %d s of silence, %d times: median %.0f us, p95 %.0f us, longest %.0f us",
                silence,
                echoes,
                trips[echoes / 2] / US,
                trips[Math.ceilDiv(95 * echoes, 100) - 1] / US,
                trips[echoes - 1] / US);
    }

    private void say(String format, Object... arguments) {
        spec.commandLine().getOut().println(String.format(Locale.ROOT, format, arguments));
        spec.commandLine().getOut().flush();
    }
}
