package io.vireo.protocols;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/**
 * Wire bytes at an odd address, with 0xA5 all around them so that a stray write shows.
 *
 * @param length of the bytes between the margins
 */
public record Golden(MemorySegment segment, long offset, int length) {
    private static final int MARGIN = 7;
    private static final byte FILLER = (byte) 0xA5;

    /** White space is for the reader. */
    public static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    public static Golden of(String hex) {
        return of(bytes(hex));
    }

    public static Golden of(byte[] bytes) {
        Golden golden = filler(bytes.length);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, golden.segment, MARGIN, bytes.length);
        return golden;
    }

    /** Memory that holds nothing yet. */
    public static Golden filler(int length) {
        MemorySegment segment = Arena.ofAuto().allocate(length + 2L * MARGIN);
        return new Golden(segment.fill(FILLER), MARGIN, length);
    }

    public byte[] bytes() {
        return segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }

    public void assertHolds(String hex) {
        assertEquals(HexFormat.of().formatHex(bytes(hex)), HexFormat.of().formatHex(bytes()));
        assertMarginsUntouched();
    }

    public void assertMarginsUntouched() {
        for (long i = 0; i < segment.byteSize(); i++) {
            if (i < offset || i >= offset + length) {
                assertEquals(FILLER, segment.get(ValueLayout.JAVA_BYTE, i), "written outside, at " + (i - offset));
            }
        }
    }
}
