package io.vireo.benchmarks.dpdk;

import io.vireo.benchmarks.support.Spread;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * All pairs under one load.
 *
 * @param what rings and load
 */
record Comparison(String what, List<Pair> pairs) {
    /** Two runs, one after the other. */
    record Pair(Measurement dpdk, Measurement vireo) {
        /** Above 1: Vireo carries more. */
        double ratio() {
            return vireo.framesPerSecond() / dpdk.framesPerSecond();
        }
    }

    /** Medians, with the lowest and the highest. */
    String summary() {
        return String.format(
                Locale.ROOT,
                """
                %s, %d pairs: median (lowest to highest)
                  frames, Vireo to DPDK     %s
                  million frames a second   Vireo %s, DPDK %s
                  ns a frame, busy polls    Vireo %s, DPDK %s
                  ns a frame, empty polls   Vireo %s, DPDK %s
                  generator busy, percent   Vireo %s, DPDK %s
                  CPU waited for, percent   Vireo %s, DPDK %s
                """,
                what,
                pairs.size(),
                Spread.of(pairs.stream().mapToDouble(Pair::ratio)).format(2),
                vireo(Measurement::megaFrames, 2),
                dpdk(Measurement::megaFrames, 2),
                vireo(Measurement::busyNs, 1),
                dpdk(Measurement::busyNs, 1),
                vireo(Measurement::emptyNs, 1),
                dpdk(Measurement::emptyNs, 1),
                vireo(run -> run.generatorBusy() * 100, 0),
                dpdk(run -> run.generatorBusy() * 100, 0),
                vireo(run -> run.waited() * 100, 1),
                dpdk(run -> run.waited() * 100, 1));
    }

    private String vireo(ToDoubleFunction<Measurement> value, int decimals) {
        return Spread.of(pairs.stream().map(Pair::vireo).mapToDouble(value)).format(decimals);
    }

    private String dpdk(ToDoubleFunction<Measurement> value, int decimals) {
        return Spread.of(pairs.stream().map(Pair::dpdk).mapToDouble(value)).format(decimals);
    }
}
