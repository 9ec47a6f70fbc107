package io.vireo.protocols.dhcpv6;

import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.protocols.udp.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Takes a client's DHCPv6 message out of its Ethernet frame, and puts a server's into one. Stateless.
 *
 * @param source the client's link-local address
 * @param multicast whether it came to {@link #ALL_SERVERS}, and not to an address of the gateway
 */
record Dhcpv6Frame(Dhcpv6Message message, Ipv6Address source, boolean multicast) {
    /** All_DHCP_Relay_Agents_and_Servers, ff02::1:2 (RFC 8415 section 7.1). */
    static final Ipv6Address ALL_SERVERS = new Ipv6Address(0xff02_0000_0000_0000L, 0x1_0002);

    static final int CLIENT_PORT = 546;
    static final int SERVER_PORT = 547;

    private static final int PACKET = EthernetFrame.HEADER_LENGTH;
    private static final int DATAGRAM = PACKET + Ipv6Packet.HEADER_LENGTH;
    private static final int MESSAGE = DATAGRAM + UdpHeader.LENGTH;

    private static final int HOP_LIMIT = 64;

    /** The message in the first {@code length} bytes of the array, if it is that guest's. */
    static Dhcpv6Frame open(byte[] frame, int length, MacAddress guest) throws Dhcpv6FormatException {
        MemorySegment bytes = MemorySegment.ofArray(frame).asSlice(0, length);
        EthernetFrame ethernet = new EthernetFrame();
        require(ethernet.tryWrap(bytes, 0, length), "frame ends within its Ethernet header");
        require(ethernet.etherType() == EtherType.IPV6, "not IPv6");
        require(ethernet.source() == guest.value(), "not from the guest's MAC address");

        Ipv6Packet packet = new Ipv6Packet();
        int packetLength = length - PACKET;
        require(packet.tryWrap(bytes, PACKET, packetLength, packetLength), "IPv6 header malformed or cut short");
        require(packet.nextHeader() == Protocol.UDP, "not UDP, or behind extension headers");
        Ipv6Address source = new Ipv6Address(packet.sourceHigh(), packet.sourceLow());
        Ipv6Address destination = new Ipv6Address(packet.destinationHigh(), packet.destinationLow());
        require(
                Ipv6Address.isLinkLocal(source.high()) && !source.equals(Gateway.GATEWAY_IPV6_LINK_LOCAL),
                "not from a link-local address of the guest");
        boolean multicast = destination.equals(ALL_SERVERS);
        require(multicast || !Ipv6Address.isMulticast(destination.high()), "to another multicast group");
        requireDatagram(bytes, packet);

        int messageLength = packet.payloadLength() - UdpHeader.LENGTH;
        byte[] message = bytes.asSlice(MESSAGE, messageLength).toArray(ValueLayout.JAVA_BYTE);
        return new Dhcpv6Frame(Dhcpv6Parser.parse(message), source, multicast);
    }

    private static void requireDatagram(MemorySegment bytes, Ipv6Packet packet) throws Dhcpv6FormatException {
        UdpHeader udp = new UdpHeader();
        require(udp.tryWrap(bytes, DATAGRAM, packet.payloadLength()), "UDP header malformed or cut short");
        require(udp.length() == packet.payloadLength(), "UDP length is not the packet's");
        require(udp.sourcePort() == CLIENT_PORT, "not from the DHCPv6 client port");
        require(udp.destinationPort() == SERVER_PORT, "not to the DHCPv6 server port");
        require(UdpHeader.hasValidChecksum(bytes, DATAGRAM, udp.length(), packet), "wrong UDP checksum, or none");
    }

    private static void require(boolean condition, String otherwise) throws Dhcpv6FormatException {
        if (!condition) {
            throw new Dhcpv6FormatException(otherwise);
        }
    }

    /** A frame with full checksum, from the gateway to whom this one came from. */
    byte[] seal(Dhcpv6Message reply, MacAddress guest) {
        byte[] payload = reply.encode();
        byte[] frame = new byte[MESSAGE + payload.length];
        System.arraycopy(payload, 0, frame, MESSAGE, payload.length);
        MemorySegment bytes = MemorySegment.ofArray(frame);
        EthernetFrame.writeHeader(bytes, 0, guest.value(), Gateway.GATEWAY_MAC, EtherType.IPV6);
        int datagramLength = UdpHeader.LENGTH + payload.length;
        Ipv6Packet.writeHeader(
                bytes, PACKET, datagramLength, Protocol.UDP, HOP_LIMIT, Gateway.GATEWAY_IPV6_LINK_LOCAL, source);
        Ipv6Packet packet = new Ipv6Packet();
        packet.tryWrap(bytes, PACKET, frame.length - PACKET, frame.length - PACKET);
        long pseudoHeader = packet.pseudoHeader(Protocol.UDP, datagramLength);
        UdpHeader.writeHeader(bytes, DATAGRAM, datagramLength, pseudoHeader, SERVER_PORT, CLIENT_PORT);
        return frame;
    }
}
