package io.vireo.benchmarks.dpdk;

import java.io.IOException;
import java.util.Map;

/** What is compared: something that carries frames from and to vhost-user sockets, on which it listens once it was started. */
interface Backend {
    String name();

    /**
     * How many times as many frames must be sent at first as shall be in flight: a backend that checks sources drops those
     * that the generator sends in another guest's name.
     */
    int firstFrames();

    /** Called when the generator is connected, before it sends. */
    void connected() throws IOException;

    /** Called when frames have gone to and fro for a while, before they are counted. */
    void warm() throws IOException;

    Counters counters() throws IOException;

    /** How long its busy thread has had work but no CPU, in nanoseconds. */
    long waitedNs() throws IOException;

    /**
     * All since the start.
     *
     * @param frames delivered to guests or to the host
     * @param busyNs time spent in polls that found work
     * @param emptyNs time spent in polls that found none, or asleep
     * @param drops frames lost, by reason
     */
    record Counters(long frames, long busyNs, long emptyNs, long busyPolls, long emptyPolls, Map<String, Long> drops) {
        long dropped() {
            return drops.values().stream().mapToLong(Long::longValue).sum();
        }
    }
}
