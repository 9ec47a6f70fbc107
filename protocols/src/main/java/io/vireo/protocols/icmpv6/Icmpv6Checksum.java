package io.vireo.protocols.icmpv6;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.checksum.InternetChecksum;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;

/**
 * The checksum of a message that is at hand as a whole, right behind its IPv6 header (RFC 4443 section 2.3). Stateless;
 * allocates nothing.
 */
public final class Icmpv6Checksum {
    private static final int CHECKSUM = 2;

    private Icmpv6Checksum() {}

    /**
     * Whether the message has the checksum it claims; unlike UDP's, none may be missing.
     *
     * @param packet where its IPv6 header begins in the segment
     * @param length bytes of the message
     * @throws IndexOutOfBoundsException if header and message do not lie inside the segment
     */
    public static boolean isValid(MemorySegment segment, long packet, int length) {
        return InternetChecksum.fold(sum(segment, packet, length)) == 0xFFFF;
    }

    /**
     * Writes the checksum of a message that stands behind its IPv6 header, both complete but for it.
     *
     * @param packet where its IPv6 header begins in the segment
     * @param length bytes of the message
     * @throws IndexOutOfBoundsException if header and message do not lie inside the segment
     */
    public static void write(MemorySegment segment, long packet, int length) {
        long checksum = packet + Ipv6Packet.HEADER_LENGTH + CHECKSUM;
        NetworkOrder.u16(segment, checksum, 0);
        NetworkOrder.u16(segment, checksum, InternetChecksum.finish(sum(segment, packet, length)));
    }

    private static long sum(MemorySegment segment, long packet, int length) {
        return Ipv6Packet.pseudoHeader(segment, packet, Protocol.ICMPV6, length)
                + InternetChecksum.sum(segment, packet + Ipv6Packet.HEADER_LENGTH, length);
    }
}
