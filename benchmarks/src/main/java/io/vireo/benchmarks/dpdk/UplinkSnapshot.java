package io.vireo.benchmarks.dpdk;

import java.io.IOException;
import java.util.Map;

/** A guest, its backend and the datagrams' destination at (nearly) one moment. */
record UplinkSnapshot(
        long nanoTime, long delivered, TestpmdCounters source, Backend.Counters backend, long backendWaitedNs) {
    /** Nothing is counted at quite the same moment: a part of what was sent. */
    private static final double TOLERANCE = 0.03;

    private static final Backend.Counters NOTHING = new Backend.Counters(0, 0, 0, 0, 0, Map.of());

    /** At the beginning of an interval: what it costs the backend to answer is not in it. */
    static UplinkSnapshot begin(Destination destination, Source source, Backend backend) throws IOException {
        long waitedNs = backend.waitedNs();
        return at(destination, source, backend.counters(), waitedNs);
    }

    /** At its end, likewise. */
    static UplinkSnapshot end(Destination destination, Source source, Backend backend) throws IOException {
        UplinkSnapshot arrived = at(destination, source, NOTHING, 0);
        return new UplinkSnapshot(
                arrived.nanoTime, arrived.delivered, arrived.source, backend.counters(), backend.waitedNs());
    }

    private static UplinkSnapshot at(Destination destination, Source source, Backend.Counters backend, long waitedNs)
            throws IOException {
        TestpmdCounters sent = source.counters();
        long before = System.nanoTime();
        long delivered = destination.datagrams();
        long after = System.nanoTime();
        return new UplinkSnapshot(before + (after - before) / 2, delivered, sent, backend, waitedNs);
    }

    /**
     * What happened between two moments. The frames are those that arrived. The generator never rests: its busy part is what
     * was taken of what it offered.
     *
     * @throws IOException if frames were lost on the way, or none arrived
     */
    static Measurement between(UplinkSnapshot first, UplinkSnapshot last) throws IOException {
        double sent = last.source.transmitted() - first.source.transmitted();
        double offered = last.source.received() - first.source.received();
        double delivered = last.delivered - first.delivered;
        double frames = last.backend.frames() - first.backend.frames();
        double polls = last.backend.busyPolls() - first.backend.busyPolls();
        if (delivered <= 0 || frames <= 0 || polls <= 0) {
            throw new IOException("no frames arrived in the measured interval");
        }
        if (Math.abs(sent - delivered) > sent * TOLERANCE) {
            throw new IOException("of %.0f frames sent %.0f arrived, so the run does not count; the backend dropped %s"
                    .formatted(sent, delivered, last.backend.drops()));
        }
        double elapsedNs = last.nanoTime - first.nanoTime;
        return new Measurement(
                delivered * 1e9 / elapsedNs,
                (last.backend.busyNs() - first.backend.busyNs()) / frames,
                (last.backend.emptyNs() - first.backend.emptyNs()) / frames,
                frames / polls,
                (last.backendWaitedNs - first.backendWaitedNs) / elapsedNs,
                sent / offered);
    }
}
