package io.vireo.protocols.checksum;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    /** RFC 1071 section 4.1, the algorithm as the RFC gives it. */
    private static int reference(byte[] bytes, int offset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (bytes[offset + i] & 0xFF) << (i % 2 == 0 ? 8 : 0);
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return sum;
    }

    private static long sum(byte[] bytes, int offset, int length) {
        return InternetChecksum.sum(MemorySegment.ofArray(bytes), offset, length);
    }

    @Test
    void sumsTheExampleOfRfc1071() {
        byte[] example = Golden.bytes("0001 f203 f4f5 f6f7");
        assertEquals(0xddf2, InternetChecksum.fold(sum(example, 0, 8)));
        assertEquals(0x220d, InternetChecksum.finish(sum(example, 0, 8)));
    }

    @Test
    void updatesTheExampleOfRfc1624() {
        assertEquals(0x0000, InternetChecksum.update(0xdd2f, 0x5555, 0x3285));
    }

    @Test
    void agreesWithTheReferenceAtAnyOffsetAndLength() {
        SplittableRandom random = new SplittableRandom(1071);
        byte[] bytes = new byte[2048];
        for (int round = 0; round < 20_000; round++) {
            random.nextBytes(bytes);
            int offset = random.nextInt(16);
            int length = random.nextInt(round % 2 == 0 ? 40 : 2000);
            assertEquals(reference(bytes, offset, length), InternetChecksum.fold(sum(bytes, offset, length)));
        }
    }

    @Test
    void carriesOutOfTheLargestPacket() {
        byte[] ones = new byte[65_535];
        Arrays.fill(ones, (byte) 0xFF);
        assertEquals(reference(ones, 0, ones.length), InternetChecksum.fold(sum(ones, 0, ones.length)));
        assertTrue(sum(ones, 0, ones.length) >>> 33 == 0);
    }

    @Test
    void foldsAnySum() {
        assertEquals(0, InternetChecksum.fold(0));
        assertEquals(0xFFFF, InternetChecksum.fold(-1));
        assertEquals(1, InternetChecksum.fold(1L << 48));
        assertEquals(0xFFFF, InternetChecksum.finish(0));
    }

    @Test
    void sumsOfPartsAddUp() {
        SplittableRandom random = new SplittableRandom(2);
        byte[] bytes = new byte[513];
        random.nextBytes(bytes);
        for (int cut = 0; cut <= bytes.length; cut += 2) {
            long parts = sum(bytes, 0, cut) + sum(bytes, cut, bytes.length - cut);
            assertEquals(reference(bytes, 0, bytes.length), InternetChecksum.fold(parts));
        }
    }

    @Test
    void partsOfAnyLengthAreAppended() {
        SplittableRandom random = new SplittableRandom(3);
        byte[] bytes = new byte[700];
        for (int round = 0; round < 2000; round++) {
            random.nextBytes(bytes);
            long sum = 0;
            int part;
            for (int position = 0; position < bytes.length; position += part) {
                part = Math.min(random.nextInt(round % 2 == 0 ? 4 : 200), bytes.length - position);
                sum = InternetChecksum.append(sum, sum(bytes, position, part), position);
            }
            assertEquals(reference(bytes, 0, bytes.length), InternetChecksum.fold(sum));
        }
    }

    @Test
    void updatesLikeAFreshSum() {
        SplittableRandom random = new SplittableRandom(1624);
        byte[] bytes = new byte[20];
        for (int round = 0; round < 20_000; round++) {
            random.nextBytes(bytes);
            int at = random.nextInt(10) * 2;
            int before = InternetChecksum.finish(sum(bytes, 0, 20));
            int oldWord = (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
            int newWord = random.nextInt(0x10000);
            bytes[at] = (byte) (newWord >>> 8);
            bytes[at + 1] = (byte) newWord;
            assertEquals(InternetChecksum.finish(sum(bytes, 0, 20)), InternetChecksum.update(before, oldWord, newWord));
        }
    }

    @Test
    void sumsThePseudoHeaderAsIfItStoodInMemory() {
        byte[] pseudoHeader = Golden.bytes("c0a80001 ffffffff 00 11 0118");
        assertEquals(
                reference(pseudoHeader, 0, pseudoHeader.length),
                InternetChecksum.fold(InternetChecksum.pseudoHeader(0xc0a80001, 0xffffffff, 17, 0x118)));
    }

    @Test
    void staysInsideTheSegment() {
        assertThrows(IndexOutOfBoundsException.class, () -> sum(new byte[15], 0, 16));
        assertThrows(IndexOutOfBoundsException.class, () -> sum(new byte[16], 1, 16));
    }
}
