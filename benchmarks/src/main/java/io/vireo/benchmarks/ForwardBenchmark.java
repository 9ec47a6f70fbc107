package io.vireo.benchmarks;

import io.vireo.router.dataplane.FrameBatch;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A batch of UDP frames from one guest to another, source checks and counters included. Both guests' drivers are part of the
 * figure: they offer and take back each buffer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class ForwardBenchmark {
    /** Bytes of the frame as it would be on a wire; 1500 is the largest whose IP packet keeps the MTU with room to spare. */
    @Param({"64", "512", "1500"})
    private int frameSize;

    @Param
    private RingFormat rings = RingFormat.SPLIT;

    private GuestPair guests;

    @Setup(Level.Trial)
    public void setUp() throws IOException {
        guests = new GuestPair(GuestPair.datagram(frameSize), rings.features, rings.features);
    }

    @Benchmark
    @OperationsPerInvocation(FrameBatch.MAX_FRAMES)
    public int forward() {
        int received = guests.forward(FrameBatch.MAX_FRAMES);
        if (received != FrameBatch.MAX_FRAMES) {
            throw new IllegalStateException(received + " frames arrived");
        }
        return received;
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        guests.close();
    }
}
