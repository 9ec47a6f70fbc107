package io.vireo.protocols.icmpv6;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.ExtensionHeaders;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;

/**
 * Errors that the gateway reports about a guest's packet (RFC 4443 section 3), as whole Ethernet frames to that guest.
 * Stateless; allocates nothing.
 *
 * <pre>
 * +----------+--------+------+------+----------+-------------------+------------------------------------+
 * | Ethernet |  IPv6  | Type | Code | Checksum | MTU, or zero      | the packet, as far as it fits      |
 * |    14    |   40   |  1   |  1   |    2     | 4                 | {@value #MOST_QUOTED} bytes at most               |
 * +----------+--------+------+------+----------+-------------------+------------------------------------+
 * </pre>
 *
 * <p>The caller asks {@link #isDueAbout}, copies the first {@link #quotable} bytes of the packet to {@link #QUOTE} of memory
 * that no guest can write, in as many pieces as it likes, and then calls {@link #write}, which sums up what was copied. The
 * quote is the packet as the guest sent it: with the hop limit it had before it was decremented.
 */
public final class Icmpv6Error {
    /** The error codes, each a type and below it a code as the wire has them (RFC 4443 sections 3.1 to 3.3). */
    public static final int NO_ROUTE = 1 << 8;

    public static final int ADDRESS_UNREACHABLE = 1 << 8 | 3;
    public static final int PORT_UNREACHABLE = 1 << 8 | 4;
    public static final int PACKET_TOO_BIG = 2 << 8;
    public static final int HOP_LIMIT_EXCEEDED = 3 << 8;

    /** Where the quote begins in the frame: behind the Ethernet, IPv6 and ICMPv6 headers. */
    public static final int QUOTE =
            EthernetFrame.HEADER_LENGTH + Ipv6Packet.HEADER_LENGTH + Icmpv6Message.HEADER_LENGTH;

    /** Bytes: the whole error is no larger than the smallest MTU, 1280 (RFC 4443 section 2.4 c). */
    public static final int MOST_QUOTED = 1280 - Ipv6Packet.HEADER_LENGTH - Icmpv6Message.HEADER_LENGTH;

    /** What Linux gives its own. */
    private static final int HOP_LIMIT = 64;

    private static final int REST = 4;

    /** Where the quoted packet has its source. */
    private static final int QUOTED_SOURCE = QUOTE + 8;

    private Icmpv6Error() {}

    /**
     * Whether a packet that cannot be delivered may cause an error at all (RFC 4443 section 2.4 e): not one that is an error
     * or a redirect itself, went to a group, or came from nobody in particular. Nor a later fragment, or one whose upper
     * layer is out of sight, which might be an error's.
     *
     * @param segment the one both views stand in
     * @param headers of this packet, after a walk that found its upper layer
     */
    public static boolean isDueAbout(
            MemorySegment segment, EthernetFrame frame, Ipv6Packet packet, ExtensionHeaders headers) {
        if (EthernetFrame.isMulticast(frame.destination()) || Ipv6Address.isMulticast(packet.destinationHigh())) {
            return false;
        }
        if (packet.isSourceUnspecified() || Ipv6Address.isMulticast(packet.sourceHigh())) {
            return false;
        }
        if (headers.isLaterFragment()) {
            return false;
        }
        if (headers.protocol() != Protocol.ICMPV6) {
            return true;
        }
        if (headers.visible() == 0) {
            return false;
        }
        int type = NetworkOrder.u8(segment, headers.offset());
        return !Icmpv6Message.isError(type) && type != Icmpv6Message.REDIRECT;
    }

    /** How many bytes of a packet the error quotes, from the IPv6 header on. */
    public static int quotable(int packetLength) {
        return Math.min(packetLength, MOST_QUOTED);
    }

    /**
     * Writes the frame around a quote that stands at {@code offset + QUOTE}, to the quoted packet's source.
     *
     * @param quoted bytes of the quote: the IPv6 header at least, {@link #MOST_QUOTED} at most
     * @param error such as {@link #NO_ROUTE}
     * @param mtu of the next hop with {@link #PACKET_TOO_BIG}, otherwise zero
     * @param sourceHigh the gateway's address, as it is on the guest's link
     * @param guestMac the receiver
     * @return bytes of the frame
     * @throws IndexOutOfBoundsException if they do not lie inside the segment
     */
    public static int write(
            MemorySegment segment,
            long offset,
            int quoted,
            int error,
            int mtu,
            long sourceHigh,
            long sourceLow,
            long guestMac) {
        long packet = offset + EthernetFrame.HEADER_LENGTH;
        long message = packet + Ipv6Packet.HEADER_LENGTH;
        int length = Icmpv6Message.HEADER_LENGTH + quoted;
        EthernetFrame.writeHeader(segment, offset, guestMac, Gateway.GATEWAY_MAC, EtherType.IPV6);
        Ipv6Packet.writeHeader(
                segment,
                packet,
                length,
                Protocol.ICMPV6,
                HOP_LIMIT,
                sourceHigh,
                sourceLow,
                NetworkOrder.u64(segment, offset + QUOTED_SOURCE),
                NetworkOrder.u64(segment, offset + QUOTED_SOURCE + Long.BYTES));
        NetworkOrder.u16(segment, message, error);
        NetworkOrder.u32(segment, message + REST, mtu);
        Icmpv6Checksum.write(segment, packet, length);
        return QUOTE + quoted;
    }
}
