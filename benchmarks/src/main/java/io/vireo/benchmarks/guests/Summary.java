package io.vireo.benchmarks.guests;

import io.vireo.benchmarks.support.Spread;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** All rounds of a comparison, each of which has one measurement of each contestant. */
record Summary(List<Map<Contestant, Measurement>> rounds) {
    private static final int DECIMALS = 2;

    Summary {
        rounds = List.copyOf(rounds);
    }

    String text() {
        StringBuilder text = new StringBuilder();
        text.append(line("median (lowest to highest)", "Gbit/s", "ping ms", "CPU s/GB", "of it guests", "reactor"));
        for (Contestant contestant : Contestant.values()) {
            text.append(line(
                    contestant.toString(),
                    spread(contestant, run -> run.tcp().gigabits()),
                    spread(contestant, Measurement::pingMs),
                    spread(contestant, run -> run.perGigabyte(run.cpu().machine())),
                    spread(
                            contestant,
                            run -> run.perGigabyte(
                                    run.cpu().guestUser() + run.cpu().guestSystem())),
                    spread(contestant, run -> run.perGigabyte(run.cpu().network()))));
        }
        text.append("offloads / none:         %s%n"
                .formatted(ratio(Contestant.OFFLOADS, Contestant.PLAIN).format(DECIMALS)));
        text.append("Vireo / kernel's bridge: %s%n"
                .formatted(ratio(Contestant.OFFLOADS, Contestant.BRIDGE).format(DECIMALS)));
        return text.toString();
    }

    /** Of the throughputs of each round. */
    Spread ratio(Contestant dividend, Contestant divisor) {
        return Spread.of(
                rounds.stream().mapToDouble(round -> throughput(round, dividend) / throughput(round, divisor)));
    }

    private static double throughput(Map<Contestant, Measurement> round, Contestant contestant) {
        return measurement(round, contestant).tcp().bitsPerSecond();
    }

    private String spread(Contestant contestant, ToDoubleFunction<Measurement> value) {
        return Spread.of(rounds.stream().mapToDouble(round -> value.applyAsDouble(measurement(round, contestant))))
                .format(DECIMALS);
    }

    private static Measurement measurement(Map<Contestant, Measurement> round, Contestant contestant) {
        Measurement measurement = round.get(contestant);
        if (measurement == null) {
            throw new IllegalArgumentException("a round without " + contestant);
        }
        return measurement;
    }

    private static String line(Object... columns) {
        return String.format(Locale.ROOT, "%-28s%-24s%-24s%-24s%-24s%s%n", columns);
    }
}
