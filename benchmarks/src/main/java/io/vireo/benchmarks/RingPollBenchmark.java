package io.vireo.benchmarks;

import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A ring by itself: a poll in vain, and a batch of 64 chains offered, taken, completed and taken back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class RingPollBenchmark {
    private static final int BATCH = 64;

    private final DescriptorChains chains = new DescriptorChains(BATCH, 4096);
    private BenchmarkGuest guest;
    private DeviceRing device;

    @Setup(Level.Trial)
    public void setUp() throws IOException {
        guest = new BenchmarkGuest("ring", BenchmarkGuest.network(), 2, 3, 0, 64);
        device = DeviceRing.serve(
                guest.memory(), guest.place(guest.transmitRing()), 0, Features.RING_EVENT_IDX, Direction.READABLE);
    }

    @Benchmark
    public int empty() {
        return device.take(chains, BATCH);
    }

    @Benchmark
    public int batch() {
        guest.send(BATCH, 64);
        chains.clear();
        device.take(chains, BATCH);
        device.complete(chains);
        device.publish();
        return guest.reap();
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        guest.close();
    }
}
