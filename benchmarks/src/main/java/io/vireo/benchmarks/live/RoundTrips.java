package io.vireo.benchmarks.live;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * A guest that sends a datagram at fixed times, and another that returns each. A round trip begins when its datagram was to
 * be sent, not when it was: what one delay does to those after it is part of the figure.
 */
final class RoundTrips {
    private static final int PAYLOAD = 18;
    /** Of the payload, behind headers of virtio-net, Ethernet, IPv4 and UDP. */
    private static final int NUMBER_OFFSET = 12 + 14 + 20 + 8;

    private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(10);

    private final LiveGuest prober;
    private final LiveGuest responder;
    private final byte[] probe;
    private final byte[] answer;
    private final long intervalNs;
    private Histogram trips = new Histogram(LONGEST_NS, 3);
    private long startNs;
    private long first;
    private long next;

    RoundTrips(LiveGuest prober, LiveGuest responder, long intervalNs) {
        this.prober = prober;
        this.responder = responder;
        this.intervalNs = intervalNs;
        probe = prober.datagramTo(responder, PAYLOAD);
        answer = responder.datagramTo(prober, PAYLOAD);
    }

    /** Begins a new histogram; what is still under way belongs to none. */
    void start(long nowNs) {
        startNs = nowNs;
        first = next;
        trips = new Histogram(LONGEST_NS, 3);
    }

    /** Sends the probe that is due, if one is. */
    void send(long nowNs) throws IOException {
        if (nowNs - dueNs(next) >= 0) {
            ByteBuffer.wrap(probe).putLong(NUMBER_OFFSET, next++);
            prober.device().sendPacket(probe);
        }
    }

    private long dueNs(long number) {
        return startNs + (number - first) * intervalNs;
    }

    /** Returns what arrived at the other end, and notes what came back. */
    void receive() throws IOException {
        Optional<byte[]> arrived = responder.device().recvPacket();
        if (arrived.isPresent()) {
            System.arraycopy(arrived.get(), NUMBER_OFFSET, answer, NUMBER_OFFSET, Long.BYTES);
            responder.device().sendPacket(answer);
        }
        Optional<byte[]> returned = prober.device().recvPacket();
        if (returned.isPresent()) {
            long number = ByteBuffer.wrap(returned.get()).getLong(NUMBER_OFFSET);
            if (number >= first) {
                trips.recordValue(Math.min(System.nanoTime() - dueNs(number), LONGEST_NS));
            }
        }
    }

    /** Round trips in nanoseconds. */
    Histogram histogram() {
        return trips;
    }

    /** How many probes have not come back. */
    long missing() {
        return next - first - trips.getTotalCount();
    }
}
