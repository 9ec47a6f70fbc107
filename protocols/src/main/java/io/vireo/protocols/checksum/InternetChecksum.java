package io.vireo.protocols.checksum;

import io.vireo.protocols.NetworkOrder;
import java.lang.foreign.MemorySegment;

/**
 * The Internet checksum: the ones-complement of the ones-complement sum of big-endian 16-bit words (RFC 1071).
 *
 * <p>Partial sums stay below 2^33, so any number of them a packet can have may be added with {@code +}. A part of odd
 * length is padded with a zero octet; what follows it is added with {@link #append}. Stateless; allocates nothing.
 */
public final class InternetChecksum {
    private static final long LOW_32 = 0xFFFF_FFFFL;

    private InternetChecksum() {}

    /**
     * The partial sum of {@code length} bytes, eight at a time. Each half of a long is added to a 64-bit accumulator, which
     * collects the carries (RFC 1071 section 2, "deferred carries") for any length below 8 GiB.
     *
     * @throws IndexOutOfBoundsException if the bytes do not lie inside the segment
     */
    public static long sum(MemorySegment segment, long offset, long length) {
        long sum = 0;
        long position = offset;
        long end = offset + length;
        for (long last = end - Long.BYTES; position <= last; position += Long.BYTES) {
            long eight = NetworkOrder.u64(segment, position);
            sum += (eight >>> 32) + (eight & LOW_32);
        }
        if (end - position >= Integer.BYTES) {
            sum += NetworkOrder.u32(segment, position) & LOW_32;
            position += Integer.BYTES;
        }
        if (end - position >= Short.BYTES) {
            sum += NetworkOrder.u16(segment, position);
            position += Short.BYTES;
        }
        if (position < end) {
            sum += (long) NetworkOrder.u8(segment, position) << 8;
        }
        return (sum >>> 32) + (sum & LOW_32);
    }

    /**
     * The sum of data that goes on with another part. A part that begins at an odd place has all its bytes in the other
     * half of a word, and so has its sum (RFC 1071 section 2, "byte order independence").
     *
     * @param part the part's own partial sum
     * @param position of the part's first byte in the data
     */
    public static long append(long sum, long part, long position) {
        return sum + ((position & 1) == 0 ? part : Integer.reverseBytes(fold(part)) >>> 16);
    }

    /** The 16-bit ones-complement sum, not complemented: 0xFFFF over data that includes its right checksum. */
    public static int fold(long sum) {
        long folded = (sum >>> 32) + (sum & LOW_32);
        while (folded >>> 16 != 0) {
            folded = (folded >>> 16) + (folded & 0xFFFF);
        }
        return (int) folded;
    }

    /** The checksum field's value for a complete sum. */
    public static int finish(long sum) {
        return ~fold(sum) & 0xFFFF;
    }

    /**
     * The checksum after one 16-bit word of the data changed, {@code HC' = ~(~HC + ~m + m')} (RFC 1624 equation 3). A
     * wrong checksum stays wrong.
     */
    public static int update(int checksum, int oldWord, int newWord) {
        return finish((~checksum & 0xFFFFL) + (~oldWord & 0xFFFFL) + (newWord & 0xFFFFL));
    }

    /**
     * The partial sum of the IPv4 pseudo-header of UDP and TCP (RFC 768, RFC 9293 section 3.1).
     *
     * @param length bytes of transport header and payload
     */
    public static long pseudoHeader(int source, int destination, int protocol, int length) {
        return (source & LOW_32) + (destination & LOW_32) + protocol + length;
    }
}
