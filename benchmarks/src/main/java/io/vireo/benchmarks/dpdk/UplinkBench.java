package io.vireo.benchmarks.dpdk;

import io.vireo.benchmarks.support.Cleanup;
import io.vireo.harness.OwnNamespace;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/** Runs one backend after the other, each with a guest and a network namespace of its own, and measures it. */
final class UplinkBench {
    /** For the backend to take note of what the guest has already set up. */
    private static final Duration SETTLE = Duration.ofMillis(300);

    private final Cpus cpus;
    private final Duration warmUp;
    private final Duration interval;

    UplinkBench(Cpus cpus, Duration warmUp, Duration interval) {
        this.cpus = cpus;
        this.warmUp = warmUp;
        this.interval = interval;
    }

    private interface Launcher {
        Backend start(Stage stage) throws IOException;
    }

    Measurement dpdk(Ring ring, UplinkLoad load) throws IOException, InterruptedException {
        return run("DPDK", DpdkBackend::startWithTap, ring, load);
    }

    Measurement vireo(Ring ring, UplinkLoad load) throws IOException, InterruptedException {
        return run("Vireo", VireoBackend::startWithUplink, ring, load);
    }

    /** All processes, devices and rules are in a namespace that ends with them. */
    private Measurement run(String name, Launcher launcher, Ring ring, UplinkLoad load)
            throws IOException, InterruptedException {
        AtomicReference<Measurement> result = new AtomicReference<>();
        try (Cleanup cleanup = new Cleanup()) {
            try {
                OwnNamespace.run(() -> result.set(measure(cleanup, launcher, ring, load)));
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(
                        cleanup.isClosed()
                                ? "ended by a signal"
                                : "%s, %s rings, %s: %s".formatted(name, ring, load.description(), e.getMessage()),
                        e);
            }
        }
        return result.get();
    }

    private Measurement measure(Cleanup cleanup, Launcher launcher, Ring ring, UplinkLoad load)
            throws IOException, InterruptedException {
        Tool.ip("link set lo up");
        Stage stage = new Stage(cleanup.folder("vireo-vs-dpdk-"), cpus, cleanup);
        Destination destination = load.open(cleanup);
        try {
            return measure(destination, launcher.start(stage), Source.start(stage, ring, load.flows()));
        } finally {
            destination.end();
        }
    }

    private Measurement measure(Destination destination, Backend backend, Source source)
            throws IOException, InterruptedException {
        backend.connected();
        Thread.sleep(SETTLE);
        source.start();
        Thread.sleep(warmUp.dividedBy(2));
        UplinkSnapshot.begin(destination, source, backend); // the first answer of a cold JVM takes its time
        Thread.sleep(warmUp.dividedBy(2));
        backend.warm();
        Thread.sleep(SETTLE);
        UplinkSnapshot first = UplinkSnapshot.begin(destination, source, backend);
        Thread.sleep(interval);
        return UplinkSnapshot.between(first, UplinkSnapshot.end(destination, source, backend));
    }
}
