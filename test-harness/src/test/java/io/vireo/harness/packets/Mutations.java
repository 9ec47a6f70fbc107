package io.vireo.harness.packets;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/** What no parser may take for a reply, made from one that it does take. */
final class Mutations {
    private static final int IP = 12 + 14;

    private Mutations() {}

    static void assertEachFlipIsNoticed(byte[] frame, Function<byte[], Optional<?>> parser) {
        assertTrue(parser.apply(frame).isPresent());
        for (int bit = IP * 8; bit < frame.length * 8; bit++) {
            if (isProtected(frame, bit)) {
                byte[] flipped = frame.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                assertTrue(parser.apply(flipped).isEmpty(), "bit " + bit);
            }
        }
    }

    /** IPv6 has no checksum of its own, and its pseudo-header is without traffic class, flow label and hop limit. */
    private static boolean isProtected(byte[] frame, int bit) {
        int at = bit / 8 - IP;
        boolean isUnprotected = (at == 0 && bit % 8 < 4) || (at >= 1 && at <= 3) || at == 7;
        return frame[IP] >> 4 != 6 || !isUnprotected;
    }

    /** @param frame without padding */
    static void assertCutShortIsNotRead(byte[] frame, Function<byte[], Optional<?>> parser) {
        assertTrue(parser.apply(frame).isPresent());
        for (int length = 0; length < frame.length; length++) {
            assertTrue(parser.apply(Arrays.copyOf(frame, length)).isEmpty(), "length " + length);
        }
    }
}
