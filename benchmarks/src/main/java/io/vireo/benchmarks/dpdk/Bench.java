package io.vireo.benchmarks.dpdk;

import io.vireo.benchmarks.support.Cleanup;
import java.io.IOException;
import java.time.Duration;

/** Runs one backend after the other, each with a generator of its own, and measures it. */
final class Bench {
    /** For the backend to take note of what the generator has already set up. */
    private static final Duration SETTLE = Duration.ofMillis(300);

    private final Cpus cpus;
    private final Duration warmUp;
    private final Duration interval;

    Bench(Cpus cpus, Duration warmUp, Duration interval) {
        this.cpus = cpus;
        this.warmUp = warmUp;
        this.interval = interval;
    }

    private interface Launcher {
        Backend start(Stage stage) throws IOException;
    }

    Measurement dpdk(Ring ring, int frameSize) throws IOException, InterruptedException {
        return run(DpdkBackend::start, ring, frameSize);
    }

    Measurement vireo(Ring ring, int frameSize) throws IOException, InterruptedException {
        return run(VireoBackend::start, ring, frameSize);
    }

    private Measurement run(Launcher launcher, Ring ring, int frameSize) throws IOException, InterruptedException {
        try (Cleanup cleanup = new Cleanup()) {
            Stage stage = new Stage(cleanup.folder("vireo-vs-dpdk-"), cpus, cleanup);
            Backend backend = launcher.start(stage);
            try {
                return measure(backend, Generator.start(stage, ring, frameSize));
            } catch (IOException e) {
                if (cleanup.isClosed()) {
                    throw new IOException("ended by a signal", e);
                }
                throw new IOException(
                        "%s, %s rings, %d bytes: %s".formatted(backend.name(), ring, frameSize, e.getMessage()), e);
            }
        }
    }

    /**
     * Half of the frames are sent to a backend that is cold and may be asleep; the rest when it is warm, so that nowhere a
     * ring is full of first frames.
     */
    private Measurement measure(Backend backend, Generator generator) throws IOException, InterruptedException {
        backend.connected();
        Thread.sleep(SETTLE);
        generator.start(Generator.IN_FLIGHT / 2 * backend.firstFrames());
        Thread.sleep(warmUp.dividedBy(2));
        generator.stop();
        generator.start(Generator.IN_FLIGHT / 2 * backend.firstFrames());
        Thread.sleep(warmUp.dividedBy(2));
        backend.warm();
        Thread.sleep(SETTLE);
        Measurement.Snapshot first = Measurement.Snapshot.take(generator, backend);
        Thread.sleep(interval);
        return Measurement.between(first, Measurement.Snapshot.take(generator, backend));
    }
}
