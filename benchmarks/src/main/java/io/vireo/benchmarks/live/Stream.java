package io.vireo.benchmarks.live;

import java.io.IOException;

/** Frames of 64 bytes, on a wire, from one guest to another, both on the calling thread. */
final class Stream {
    private static final int PAYLOAD = 18;
    private static final int BATCH = 64;
    private static final double NS_PER_SECOND = 1e9;

    private final LiveGuest from;
    private final LiveGuest to;
    private final byte[] packet;
    private double ratePerNs;
    private long startNs;
    private long nowNs;
    private long sent;
    private long received;

    Stream(LiveGuest from, LiveGuest to) {
        this.from = from;
        this.to = to;
        packet = from.datagramTo(to, PAYLOAD);
    }

    /** Sends as fast as the rings take it. @return frames that arrived, a second */
    double saturate(long durationNs) throws IOException {
        pace(Double.POSITIVE_INFINITY, System.nanoTime());
        while (nowNs - startNs < durationNs) {
            turn(System.nanoTime());
        }
        if (received == 0) {
            throw new IOException("no frame arrived");
        }
        return rate();
    }

    /** Begins to send at a rate, or as fast as the rings take it if that is infinite, by way of {@link #turn}. */
    void pace(double framesPerSecond, long beginNs) {
        ratePerNs = framesPerSecond / NS_PER_SECOND;
        startNs = beginNs;
        nowNs = beginNs;
        sent = 0;
        received = 0;
    }

    /** Sends what is due by now and takes what arrived. */
    void turn(long turnNs) {
        nowNs = turnNs;
        long due = (long) ((nowNs - startNs) * ratePerNs) - sent;
        if (due > 0) {
            sent += from.device().sendCopies(packet, (int) Math.min(due, BATCH));
        }
        take();
    }

    void take() {
        received += to.device().discardReceived();
    }

    /** Frames that arrived, a second, until the last turn. */
    double rate() {
        return received * NS_PER_SECOND / (nowNs - startNs);
    }

    /** Takes the last frames. @return the part of the frames sent that never arrived */
    double lost(long deadlineNs) {
        while (received < sent && System.nanoTime() - deadlineNs < 0) {
            take();
        }
        return sent == 0 ? 0 : (double) (sent - received) / sent;
    }

    /** The frames sent until the last turn, as part of those that were to be. */
    double kept() {
        double planned = (nowNs - startNs) * ratePerNs;
        return planned < 1 ? 1 : sent / planned;
    }
}
