package io.vireo.router.config;

import java.util.concurrent.TimeUnit;

/**
 * How much a guest may send (egress) and be given (ingress). A limit of 0 is none. Immutable; throws
 * {@link IllegalArgumentException} naming what is wrong.
 *
 * <p>Bits are those of frames from their Ethernet header on. A super-frame is one frame.
 *
 * @param egressBits a second, {@value #MIN_BITS} to {@value #MAX_BITS}; so is {@code ingressBits}
 * @param egressFrames a second, 1 to {@value #MAX_FRAMES}; so is {@code ingressFrames}
 * @param burstNs for how long a guest that was silent may exceed its limits, in what its limits allow in that time;
 *     {@value #MIN_BURST_NS} to {@value #MAX_BURST_NS}
 */
public record Rate(long egressBits, long ingressBits, long egressFrames, long ingressFrames, long burstNs) {
    /** 64 kbit/s: a super-frame takes 8 s. */
    public static final long MIN_BITS = 64_000;

    public static final long MAX_BITS = 1_000_000_000_000L;
    public static final long MAX_FRAMES = 1_000_000_000;
    public static final long MIN_BURST_NS = 1_000_000;
    public static final long MAX_BURST_NS = 10_000_000_000L;
    /** Several times as long as a limited guest may be left alone, so that none of its rate is lost. */
    public static final long DEFAULT_BURST_NS = TimeUnit.MILLISECONDS.toNanos(10);

    public static final Rate UNLIMITED = new Rate(0, 0, 0, 0, DEFAULT_BURST_NS);

    public Rate {
        requireBits(egressBits);
        requireBits(ingressBits);
        requireFrames(egressFrames);
        requireFrames(ingressFrames);
        if (burstNs < MIN_BURST_NS || burstNs > MAX_BURST_NS) {
            throw new IllegalArgumentException("a burst of " + burstNs + " ns is not within 1ms to 10s");
        }
    }

    private static void requireBits(long bits) {
        if (bits != 0 && (bits < MIN_BITS || bits > MAX_BITS)) {
            throw new IllegalArgumentException(bits + " bits a second are not within 64kbit to 1Tbit");
        }
    }

    private static void requireFrames(long frames) {
        if (frames < 0 || frames > MAX_FRAMES) {
            throw new IllegalArgumentException(frames + " packets a second are not within 1 to " + MAX_FRAMES);
        }
    }

    public boolean limitsEgress() {
        return egressBits != 0 || egressFrames != 0;
    }

    public boolean limitsIngress() {
        return ingressBits != 0 || ingressFrames != 0;
    }
}
