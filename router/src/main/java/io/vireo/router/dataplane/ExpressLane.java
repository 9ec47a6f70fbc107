package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.gateway.Gateway;
import org.jspecify.annotations.Nullable;

/**
 * The common frame, decided upon in a dozen loads: plain IPv4 without options, from a guest by its own addresses through the
 * gateway to another guest of its network. The {@link Classifier} would decide the same; whatever is not exactly that is left
 * to it, untouched, to be judged, answered and counted.
 *
 * <pre>
 *   slot    0 virtio-net header          12 Ethernet: destination 6, source 6, type 2
 *          26 IPv4: version u4, words u4, service u8, total length u16 | id u16, fragment u16
 *          34 time to live u8, protocol u8, checksum u16               | 38 source u32, 42 destination u32
 * </pre>
 */
final class ExpressLane {
    /** Bytes of a frame that are looked at. */
    static final int HEADERS = 34;

    private static final int MACS = 12;
    private static final int SOURCE_TAIL = 20;
    private static final int TYPE = 24;
    private static final int IPV4 = 26;
    private static final int TTL = 34;
    private static final int CHECKSUM = 36;
    private static final int SOURCE = 38;
    private static final int DESTINATION = 42;
    private static final int IPV4_HEADER = 20;
    private static final int ETHERNET_HEADER = 14;

    /** Type IPv4, version 4, five words: the first three bytes from {@link #TYPE} on. */
    private static final long IPV4_WITHOUT_OPTIONS =
            (Short.reverseBytes((short) EtherType.IPV4) & 0xffff) | (0x45 << 16);

    private static final int GATEWAY_TAIL = tailOf(Gateway.GATEWAY_MAC);

    private ExpressLane() {}

    /** The first eight bytes of a frame with these MACs, as a little-endian long. */
    static long headOf(long destinationMac, long sourceMac) {
        return Long.reverseBytes((destinationMac << 16) | (sourceMac >>> 32));
    }

    /** The last four bytes of a MAC, as a little-endian int. */
    static int tailOf(long mac) {
        return Integer.reverseBytes((int) mac);
    }

    /**
     * @param slot where the virtio-net header is, and behind it at least {@link #HEADERS} bytes of the frame
     * @param length bytes of the frame
     * @return the receiver, for which the slot is rewritten, or null: the classifier decides
     */
    static @Nullable NetPort find(NetPort source, long slot, int length) {
        long type = HostMemory.getLong(slot + TYPE);
        boolean common = HostMemory.getShort(slot) == 0
                && HostMemory.getLong(slot + MACS) == source.headToGateway()
                && HostMemory.getInt(slot + SOURCE_TAIL) == source.macTail()
                && (type & 0xff_ffff) == IPV4_WITHOUT_OPTIONS
                && Integer.toUnsignedLong(HostMemory.getInt(slot + SOURCE)) == source.ipv4InMemory();
        int total = Short.reverseBytes((short) (type >>> 32)) & 0xffff;
        if (!common || total < IPV4_HEADER || total > length - ETHERNET_HEADER || !hasValidChecksum(slot)) {
            return null;
        }
        Network network = source.network();
        NetPort target = network.find(Integer.reverseBytes(HostMemory.getInt(slot + DESTINATION)));
        if (target == null || target.pairs() > 1 || length > source.maxFrame() || length > target.maxFrame()) {
            return null;
        }
        if (network.isRouted() && !decrementTimeToLive(slot)) {
            return null;
        }
        HostMemory.putLong(slot + MACS, target.headFromGateway());
        HostMemory.putInt(slot + SOURCE_TAIL, GATEWAY_TAIL);
        return target;
    }

    /** The sum of a header of five words, in whatever byte order, is all ones (RFC 1071). */
    private static boolean hasValidChecksum(long slot) {
        long header = slot + IPV4;
        long sum = Integer.toUnsignedLong(HostMemory.getInt(header))
                + Integer.toUnsignedLong(HostMemory.getInt(header + 4))
                + Integer.toUnsignedLong(HostMemory.getInt(header + 8))
                + Integer.toUnsignedLong(HostMemory.getInt(header + 12))
                + Integer.toUnsignedLong(HostMemory.getInt(header + 16));
        sum = (sum & 0xffff_ffffL) + (sum >>> 32);
        sum = (sum & 0xffff) + (sum >>> 16 & 0xffff) + (sum >>> 32);
        sum = (sum & 0xffff) + (sum >>> 16);
        return sum == 0xffff;
    }

    /** RFC 1812, 5.3.1, with the checksum as in RFC 1624. @return false if there is no hop left */
    private static boolean decrementTimeToLive(long slot) {
        int ttl = Byte.toUnsignedInt(HostMemory.getByte(slot + TTL));
        if (ttl <= 1) {
            return false;
        }
        HostMemory.putByte(slot + TTL, (byte) (ttl - 1));
        int sum = (~Short.reverseBytes(HostMemory.getShort(slot + CHECKSUM)) & 0xffff) + 0xfeff; // ~m + m', 3
        HostMemory.putShort(slot + CHECKSUM, Short.reverseBytes((short) ~(sum + (sum >>> 16))));
        return true;
    }
}
