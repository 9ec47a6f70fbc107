package io.vireo.router.dataplane;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How much a guest may send, or may be given: so many bytes a second, and so many frames. A frame has the bytes from its
 * Ethernet header on; a super-frame is one frame, as whoever moves it moves it in one piece.
 *
 * <p>Nothing is dropped here. A guest that sends too much finds its transmit ring left alone for a while, which is what a slow
 * link is to it; what is too much for a guest waits in its backlog. Meanwhile its port is {@link PollSet paused}: not looked
 * at, and its guest not asked for kicks, until there is something to spend again. The clock is read when a batch might cost
 * more than is left, and not while the port is paused.
 *
 * <p>Confined to the port's reactor.
 */
public final class RateLimiter {
    /**
     * What is paused is so for about as long as it takes to have this much time's worth to spend: a reactor wakes up so often
     * for a guest that keeps to its limit.
     */
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    /** At most this much: what a ring holds is not to run out before somebody looks. */
    private static final long MOST_PAUSED_FOR = 1 << 17;

    /** Times at which pauses end, in nanoseconds: those of different guests meet, and are looked at together. */
    private static final long GRID_NS = 1 << 15;

    private final NetPort port;
    private final TokenBucket bytes;
    private final TokenBucket frames;
    private final long pauseNs;
    private final LongSupplier clockNs;
    private final Counter pauses;

    private boolean paused;
    private long dueNs;
    private int turn;

    /**
     * @param pauses counts how often the port is paused
     * @param bytesPerSecond at most 2^37; 0: as many as there are; so are the frames
     * @param burstNs for how long the guest may make up for what it did not use before
     * @param clockNs as {@link System#nanoTime}
     */
    RateLimiter(
            NetPort port,
            Counter pauses,
            long bytesPerSecond,
            long framesPerSecond,
            long burstNs,
            LongSupplier clockNs) {
        this.port = port;
        this.pauses = pauses;
        bytes = new TokenBucket(bytesPerSecond, burstNs);
        frames = new TokenBucket(framesPerSecond, burstNs);
        pauseNs = bytesPerSecond == 0
                ? PAUSE_NS
                : Math.min(PAUSE_NS, TimeUnit.SECONDS.toNanos(MOST_PAUSED_FOR) / bytesPerSecond);
        this.clockNs = clockNs;
    }

    /** How many frames of a batch may pass, at most {@code most}; their bytes may be {@link #bytes}. 0: none now. */
    int frames(int most, long mostBytes) {
        if (paused) {
            return 0;
        }
        if (bytes.available() < mostBytes || frames.available() < most) {
            refill();
        }
        return bytes.available() == 0 ? 0 : (int) Math.min(frames.available(), most);
    }

    /** How many bytes may pass, at most {@code most}; with the frame that exceeds them. */
    long bytes(long most) {
        return Math.min(bytes.available(), most);
    }

    /** Whether one more frame may pass behind others of the same batch, of which {@link #take} is yet to tell. */
    boolean allows(long bytesBefore, long framesBefore) {
        if (paused) {
            return false;
        }
        if (hasMoreThan(bytesBefore, framesBefore)) {
            return true;
        }
        refill();
        return hasMoreThan(bytesBefore, framesBefore);
    }

    private boolean hasMoreThan(long bytesBefore, long framesBefore) {
        return bytes.available() > bytesBefore && frames.available() > framesBefore;
    }

    private void refill() {
        long nowNs = clockNs.getAsLong();
        bytes.refill(nowNs);
        frames.refill(nowNs);
    }

    /** Frames have passed. */
    void take(long passedBytes, long passedFrames) {
        bytes.take(passedBytes);
        frames.take(passedFrames);
    }

    /** With which of its queues a visit begins: with each in turn, as there may be nothing left for the last. */
    int nextTurn(int queues) {
        turn = turn + 1 < queues ? turn + 1 : 0;
        return turn;
    }

    // ---- pauses

    /** Something waits that {@link #frames} or {@link #allows} did not let pass. */
    void pause() {
        if (!paused && port.membership().pause(this)) {
            port.count(pauses);
        }
    }

    /** For the set that its port is in: when the pause that begins now is to end. */
    long beginPause() {
        // The difference is what counts: nanoseconds may wrap around.
        long bytesNs = bytes.readyNs(pauseNs);
        long framesNs = frames.readyNs(pauseNs);
        long readyNs = bytesNs - framesNs > 0 ? bytesNs : framesNs;
        dueNs = (readyNs + GRID_NS - 1) & -GRID_NS;
        paused = true;
        return dueNs;
    }

    boolean isPaused() {
        return paused;
    }

    long dueNs() {
        return dueNs;
    }

    void endPause() {
        paused = false;
    }
}
