package io.vireo.protocols.icmp;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.checksum.InternetChecksum;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Protocol;
import java.lang.foreign.MemorySegment;

/**
 * Errors that the gateway reports about a guest's packet (RFC 792; RFC 1812 section 4.3), as whole Ethernet frames to that
 * guest. Stateless; allocates nothing.
 *
 * <pre>
 * +----------+--------+------+------+----------+---------+---------------+------------------------------+
 * | Ethernet |  IPv4  | Type | Code | Checksum |  zero   | MTU, or zero  | the packet, as far as it     |
 * |    14    |   20   |  1   |  1   |    2     |   2     |      2        | fits: {@value #MOST_QUOTED} bytes at most     |
 * +----------+--------+------+------+----------+---------+---------------+------------------------------+
 * </pre>
 *
 * <p>The caller asks {@link #isDueAbout}, copies the first {@link #quotable} bytes of the packet to {@link #QUOTE} of memory
 * that no guest can write, in as many pieces as it likes, and then calls {@link #write}, which sums up what was copied. The
 * quote is the packet as the guest sent it: with the time to live it had before it was decremented.
 */
public final class IcmpError {
    /** The error codes, each a type and below it a code as the wire has them (RFC 792; RFC 1812 section 5.2.7). */
    public static final int NETWORK_UNREACHABLE = 3 << 8;

    public static final int HOST_UNREACHABLE = 3 << 8 | 1;
    public static final int PROTOCOL_UNREACHABLE = 3 << 8 | 2;
    public static final int PORT_UNREACHABLE = 3 << 8 | 3;
    public static final int FRAGMENTATION_NEEDED = 3 << 8 | 4;
    public static final int TIME_TO_LIVE_EXCEEDED = 11 << 8;

    /** Where the quote begins in the frame: behind the Ethernet, IPv4 and ICMP headers. */
    public static final int QUOTE = EthernetFrame.HEADER_LENGTH + Ipv4Packet.HEADER_LENGTH + IcmpMessage.HEADER_LENGTH;

    /** Bytes: the whole error is no larger than 576 (RFC 1812 section 4.3.2.3). */
    public static final int MOST_QUOTED = 576 - Ipv4Packet.HEADER_LENGTH - IcmpMessage.HEADER_LENGTH;

    /** What Linux gives its own. */
    private static final int TIME_TO_LIVE = 64;

    /** Precedence 6 (RFC 1812 section 4.3.2.5) ... */
    private static final int INTERNETWORK_CONTROL = 0xC0;

    /** ... with the rest of the type of service as the packet had it, but for the bits that are ECN's today (RFC 3168). */
    private static final int KEPT_TYPE_OF_SERVICE = 0x1C;

    private static final int CHECKSUM = 2;
    private static final int REST = 4;

    private static final int QUOTED_TYPE_OF_SERVICE = QUOTE + 1;
    private static final int QUOTED_SOURCE = QUOTE + 12;

    private IcmpError() {}

    /**
     * Whether a packet that cannot be delivered may cause an error at all (RFC 1812 section 4.3.2.7): not one that is an
     * error itself, went to a group or to everybody, or came from nobody in particular; nor a later fragment. Its header
     * checksum, and that the destination is no subnet's broadcast address, the caller has checked.
     *
     * @param segment the one both views stand in
     */
    public static boolean isDueAbout(MemorySegment segment, EthernetFrame frame, Ipv4Packet packet) {
        if (EthernetFrame.isMulticast(frame.destination()) || isGroup(packet.destination())) {
            return false;
        }
        int source = packet.source();
        if (isGroup(source) || source >>> 24 == 0 || source >>> 24 == 127) {
            return false;
        }
        if (packet.fragmentOffset() != 0) {
            return false;
        }
        if (packet.protocol() != Protocol.ICMP) {
            return true;
        }
        return packet.visiblePayload() > 0 && isQuery(NetworkOrder.u8(segment, packet.payloadOffset()));
    }

    /** Multicast, reserved and broadcast: 224.0.0.0 and all above. */
    private static boolean isGroup(int ipv4) {
        return ipv4 >>> 29 == 7;
    }

    /** Types that are known and no errors; an unknown one may be an error. */
    private static boolean isQuery(int type) {
        return switch (type) {
            case 0, 8 -> true; // echo
            case 9, 10 -> true; // router discovery (RFC 1256)
            case 13, 14, 15, 16, 17, 18 -> true; // timestamp, information, address mask
            case 42, 43 -> true; // extended echo (RFC 8335)
            default -> false;
        };
    }

    /** How many bytes of a packet the error quotes, from the IPv4 header on. */
    public static int quotable(int packetLength) {
        return Math.min(packetLength, MOST_QUOTED);
    }

    /**
     * Writes the frame around a quote that stands at {@code offset + QUOTE}, to the quoted packet's source.
     *
     * @param quoted bytes of the quote: the IPv4 header at least, {@link #MOST_QUOTED} at most
     * @param error such as {@link #HOST_UNREACHABLE}
     * @param mtu of the next hop with {@link #FRAGMENTATION_NEEDED} (RFC 1191 section 4), otherwise zero
     * @param source the gateway's address, as it is on the guest's link
     * @param guestMac the receiver
     * @return bytes of the frame
     * @throws IndexOutOfBoundsException if they do not lie inside the segment
     */
    public static int write(
            MemorySegment segment, long offset, int quoted, int error, int mtu, int source, long guestMac) {
        long packet = offset + EthernetFrame.HEADER_LENGTH;
        long message = packet + Ipv4Packet.HEADER_LENGTH;
        int length = IcmpMessage.HEADER_LENGTH + quoted;
        int kept = NetworkOrder.u8(segment, offset + QUOTED_TYPE_OF_SERVICE) & KEPT_TYPE_OF_SERVICE;
        EthernetFrame.writeHeader(segment, offset, guestMac, Gateway.GATEWAY_MAC, EtherType.IPV4);
        Ipv4Packet.writeHeader(
                segment,
                packet,
                INTERNETWORK_CONTROL | kept,
                Ipv4Packet.HEADER_LENGTH + length,
                TIME_TO_LIVE,
                Protocol.ICMP,
                source,
                NetworkOrder.u32(segment, offset + QUOTED_SOURCE));
        NetworkOrder.u16(segment, message, error);
        NetworkOrder.u16(segment, message + CHECKSUM, 0);
        NetworkOrder.u32(segment, message + REST, mtu);
        NetworkOrder.u16(
                segment, message + CHECKSUM, InternetChecksum.finish(InternetChecksum.sum(segment, message, length)));
        return QUOTE + quoted;
    }
}
