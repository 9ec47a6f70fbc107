package io.vireo.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** The data path allocates nothing: the claim, measured. */
class ForwardAllocationIT {
    private static final double LIMIT_BYTES = 0.01;

    @Test
    void forwardingAllocatesNothing() throws Exception {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(ForwardBenchmark.class.getName())
                        .include(SuperFrameBenchmark.class.getName())
                        .param("frameSize", "64", "1500")
                        .addProfiler(GCProfiler.class)
                        .forks(1)
                        .warmupIterations(2)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(3)
                        .measurementTime(TimeValue.seconds(1))
                        .build())
                .run();
        assertEquals(2 * 2 + 2 * 2, results.size(), "each way of forwarding, each format of rings");
        for (RunResult result : results) {
            // What forwarding allocates it does in every iteration; the last one has allocations of the runner's own.
            double bytes = Objects.requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm"))
                    .getStatistics()
                    .getMin();
            assertTrue(bytes < LIMIT_BYTES, result.getParams() + " allocates " + bytes + " bytes an operation");
        }
    }
}
