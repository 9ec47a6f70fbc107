package io.vireo.protocols.ndp;

import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.icmpv6.Icmpv6Message;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Who asks for a router advertisement (RFC 4861 section 4.1), for the cold path.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Type (133)   |     Code      |          Checksum             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                            Reserved                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Options ...
 * +-+-+-+-+-+-+-+-
 * </pre>
 *
 * @param mac the frame's source
 * @param source the packet's, unspecified while the guest has no address
 */
public record RouterSolicitation(MacAddress mac, Ipv6Address source) {
    /** Bytes before the options. */
    private static final int LENGTH = 8;

    /**
     * Whether a packet carries a solicitation that RFC 4861 section 6.1.1 finds valid, all of it visible. Allocates nothing.
     *
     * @param segment the one the packet's view stands in
     */
    public static boolean isValid(MemorySegment segment, Ipv6Packet packet) {
        return NdpMessage.isValid(segment, packet, Icmpv6Message.ROUTER_SOLICITATION, LENGTH)
                && !(packet.isSourceUnspecified() && NdpMessage.hasSourceLinkLayerAddress(segment, packet, LENGTH));
    }

    /**
     * The solicitation in the first {@code length} bytes of the array; empty if they are anything else, or not valid.
     *
     * @throws IndexOutOfBoundsException if the array is shorter
     */
    public static Optional<RouterSolicitation> parse(byte[] frame, int length) {
        MemorySegment bytes = MemorySegment.ofArray(frame).asSlice(0, length);
        EthernetFrame ethernet = new EthernetFrame();
        Ipv6Packet packet = new Ipv6Packet();
        int packetLength = length - EthernetFrame.HEADER_LENGTH;
        if (!ethernet.tryWrap(bytes, 0, length)
                || ethernet.etherType() != EtherType.IPV6
                || !packet.tryWrap(bytes, EthernetFrame.HEADER_LENGTH, packetLength, packetLength)
                || !isValid(bytes, packet)) {
            return Optional.empty();
        }
        MacAddress mac = new MacAddress(ethernet.source());
        return Optional.of(new RouterSolicitation(mac, new Ipv6Address(packet.sourceHigh(), packet.sourceLow())));
    }

    /** Where the advertisement goes: to who asked, or to all nodes if that has no address (section 6.2.6). */
    public Ipv6Address answerTo() {
        return source.equals(Ipv6Address.UNSPECIFIED) ? Ipv6Address.ALL_NODES : source;
    }
}
