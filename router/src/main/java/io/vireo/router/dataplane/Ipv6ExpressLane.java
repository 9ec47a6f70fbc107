package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ExpressLane} is for IPv4, for IPv6: TCP and UDP without extension headers, from an address of the guest's own
 * prefix through the gateway to another guest of its network. The {@link Classifier} would decide the same; whatever is not
 * exactly that is left to it, untouched.
 *
 * <pre>
 *   slot    0 virtio-net header          12 Ethernet: destination 6, source 6, type 2
 *          26 IPv6: version u4, class u8, flow label u20 | 30 payload length u16, next header u8, hop limit u8
 *          34 source 16 | 50 destination 16
 * </pre>
 */
final class Ipv6ExpressLane {
    /** Bytes of a frame that are looked at. */
    static final int HEADERS = 54;

    private static final int MACS = 12;
    private static final int SOURCE_TAIL = 20;
    private static final int TYPE = 24;
    private static final int PAYLOAD_LENGTH = 30;
    private static final int NEXT_HEADER = 32;
    private static final int HOP_LIMIT = 33;
    private static final int SOURCE = 34;
    private static final int DESTINATION = 50;

    /** Type IPv6, version 6: three bytes from {@link #TYPE} on, less four bits of the traffic class. */
    private static final int IPV6 = (Short.reverseBytes((short) EtherType.IPV6) & 0xffff) | (0x60 << 16);

    private static final int IPV6_MASK = 0xf0_ffff;

    private static final int GATEWAY_TAIL = ExpressLane.tailOf(Gateway.GATEWAY_MAC);

    private Ipv6ExpressLane() {}

    /**
     * @param slot where the virtio-net header is, and behind it at least {@link #HEADERS} bytes of the frame
     * @param length bytes of the frame
     * @return the receiver, for which the slot is rewritten, or null: the classifier decides
     */
    static @Nullable NetPort find(NetPort source, long slot, int length) {
        int protocol = Byte.toUnsignedInt(HostMemory.getByte(slot + NEXT_HEADER));
        boolean common = (HostMemory.getInt(slot + TYPE) & IPV6_MASK) == IPV6
                && HostMemory.getShort(slot) == 0
                && HostMemory.getLong(slot + MACS) == source.headToGateway()
                && HostMemory.getInt(slot + SOURCE_TAIL) == source.macTail()
                && (protocol == Protocol.TCP || protocol == Protocol.UDP)
                && source.ipv6()
                        .hasInMemory(HostMemory.getLong(slot + SOURCE), HostMemory.getLong(slot + SOURCE + Long.BYTES));
        int payload = Short.reverseBytes(HostMemory.getShort(slot + PAYLOAD_LENGTH)) & 0xffff;
        if (!common || payload > length - HEADERS) {
            return null;
        }
        Network network = source.network();
        NetPort target = network.find(
                Long.reverseBytes(HostMemory.getLong(slot + DESTINATION)),
                Long.reverseBytes(HostMemory.getLong(slot + DESTINATION + Long.BYTES)));
        if (target == null || target.pairs() > 1 || length > source.maxFrame() || length > target.maxFrame()) {
            return null;
        }
        if (network.isRouted() && !decrementHopLimit(slot)) {
            return null;
        }
        HostMemory.putLong(slot + MACS, target.headFromGateway());
        HostMemory.putInt(slot + SOURCE_TAIL, GATEWAY_TAIL);
        return target;
    }

    /** RFC 8200, 3. @return false if there is no hop left */
    private static boolean decrementHopLimit(long slot) {
        int hopLimit = Byte.toUnsignedInt(HostMemory.getByte(slot + HOP_LIMIT));
        if (hopLimit <= 1) {
            return false;
        }
        HostMemory.putByte(slot + HOP_LIMIT, (byte) (hopLimit - 1));
        return true;
    }
}
