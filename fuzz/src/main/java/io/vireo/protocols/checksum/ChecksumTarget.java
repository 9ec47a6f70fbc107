package io.vireo.protocols.checksum;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The sum of bytes, whole, in two parts and after a change, against one that goes byte by byte. */
public final class ChecksumTarget implements FuzzTarget {
    @Override
    public List<byte[]> seeds() {
        return List.of(new byte[] {1, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
    }

    @Override
    public void run(Input input) {
        int offset = input.below(8);
        int cut = input.u8();
        int change = input.u8();
        byte[] bytes = input.rest();
        int length = Math.max(0, bytes.length - offset);
        MemorySegment segment = MemorySegment.ofArray(bytes);
        long sum = length == 0 ? 0 : InternetChecksum.sum(segment, offset, length);
        int expected = slow(bytes, offset, length);
        claim(congruent(InternetChecksum.fold(sum), expected), "the sum");
        claim(InternetChecksum.finish(sum) == (~InternetChecksum.fold(sum) & 0xFFFF), "its complement");
        int first = length == 0 ? 0 : cut % length;
        if (length > 0) {
            long head = InternetChecksum.sum(segment, offset, first);
            long tail = InternetChecksum.sum(segment, offset + (long) first, length - first);
            claim(
                    congruent(InternetChecksum.fold(InternetChecksum.append(head, tail, first)), expected),
                    "of two parts");
        }
        if (length > 1) {
            int word = offset + change % (length / 2) * 2;
            int before = word(bytes, word);
            bytes[word] ^= (byte) change;
            int checksum = InternetChecksum.update(InternetChecksum.finish(sum), before, word(bytes, word));
            claim(congruent(~checksum & 0xFFFF, slow(bytes, offset, length)), "after a change");
        }
    }

    /** Zero has two representations. */
    private static boolean congruent(int one, int other) {
        return one % 0xFFFF == other % 0xFFFF;
    }

    private static int word(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }

    private static int slow(byte[] bytes, int offset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            int value = bytes[offset + i] & 0xFF;
            sum += i % 2 == 0 ? value << 8 : value;
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        return sum;
    }
}
