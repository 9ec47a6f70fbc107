package io.vireo.benchmarks.dpdk;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One backend in one interval.
 *
 * @param framesPerSecond as they arrived, all directions together
 * @param busyNs the backend's time for a frame, in polls that found some
 * @param emptyNs the backend's time in polls that found nothing, for each frame
 * @param framesPerPoll in the mean of the polls that found some
 * @param waited the part of the time in which either busy thread had to wait for its CPU, as something else ran there
 * @param generatorBusy the part of its time that the generator spent on frames: near 1, it is the generator that is measured
 */
record Measurement(
        double framesPerSecond,
        double busyNs,
        double emptyNs,
        double framesPerPoll,
        double waited,
        double generatorBusy) {
    /** Both sides at (nearly) one moment. */
    record Snapshot(long nanoTime, long waitedNs, TestpmdCounters generator, Backend.Counters backend) {
        static Snapshot take(Generator generator, Backend backend) throws IOException {
            long before = System.nanoTime();
            TestpmdCounters sent = generator.counters();
            long after = System.nanoTime();
            long waitedNs = generator.waitedNs() + backend.waitedNs();
            return new Snapshot(before + (after - before) / 2, waitedNs, sent, backend.counters());
        }

        /** Frames under way, of those that the backend has not dropped. */
        long inFlight() {
            return generator.transmitted() - generator.received() - backend.dropped();
        }
    }

    /**
     * What happened between two moments.
     *
     * @throws IOException if a frame was dropped, or if the two did not have the load that they should
     */
    static Measurement between(Snapshot first, Snapshot last) throws IOException {
        refuse("the backend", grown(first.backend.drops(), last.backend.drops()));
        refuse("the generator", grown(first.generator.drops(), last.generator.drops()));
        requireLoad(first.inFlight());
        requireLoad(last.inFlight());
        double received = last.generator.received() - first.generator.received();
        double frames = last.backend.frames() - first.backend.frames();
        double polls = last.backend.busyPolls() - first.backend.busyPolls();
        if (frames <= 0 || received <= 0 || polls <= 0) {
            throw new IOException("no frames were forwarded in the measured interval");
        }
        double elapsedNs = last.nanoTime - first.nanoTime;
        return new Measurement(
                received * 1e9 / elapsedNs,
                (last.backend.busyNs() - first.backend.busyNs()) / frames,
                (last.backend.emptyNs() - first.backend.emptyNs()) / frames,
                frames / polls,
                (last.waitedNs - first.waitedNs) / elapsedNs,
                (last.generator.busyNs() - first.generator.busyNs()) / elapsedNs);
    }

    private static void refuse(String who, Map<String, Long> dropped) throws IOException {
        if (!dropped.isEmpty()) {
            throw new IOException(
                    who + " dropped frames while they were counted, so the run does not count: " + dropped);
        }
    }

    private static Map<String, Long> grown(Map<String, Long> first, Map<String, Long> last) {
        Map<String, Long> grown = new TreeMap<>();
        last.forEach((name, value) -> {
            long more = value - first.getOrDefault(name, 0L);
            if (more != 0) {
                grown.put(name, more);
            }
        });
        return grown;
    }

    /** The counters of a running generator are not of one moment: a few bursts may be missing, or be counted twice. */
    private static void requireLoad(long inFlight) throws IOException {
        if (Math.abs(inFlight - Generator.IN_FLIGHT) > Generator.IN_FLIGHT / 4) {
            throw new IOException("%d frames were in flight instead of %d, so the run does not count"
                    .formatted(inFlight, Generator.IN_FLIGHT));
        }
    }

    double megaFrames() {
        return framesPerSecond / 1e6;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.2f Mpps, %.1f+%.1f ns/frame, %.0f frames/poll, generator %.0f%%, waited %.1f%%",
                megaFrames(),
                busyNs,
                emptyNs,
                framesPerPoll,
                generatorBusy * 100,
                waited * 100);
    }
}
