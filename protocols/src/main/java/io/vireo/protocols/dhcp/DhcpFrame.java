package io.vireo.protocols.dhcp;

import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.udp.UdpHeader;
import java.lang.foreign.MemorySegment;

/** Takes a client's DHCP message out of its Ethernet frame, and puts a server's into one. Stateless. */
final class DhcpFrame {
    static final int SERVER_PORT = 67;
    static final int CLIENT_PORT = 68;

    private static final int PACKET = EthernetFrame.HEADER_LENGTH;
    private static final int DATAGRAM = PACKET + Ipv4Packet.HEADER_LENGTH;
    private static final int MESSAGE = DATAGRAM + UdpHeader.LENGTH;

    /** Bytes of IP and UDP headers before the message. */
    static final int HEADERS = MESSAGE - PACKET;

    private static final int TIME_TO_LIVE = 64;
    private static final int LIMITED_BROADCAST = -1;

    private DhcpFrame() {}

    /** The message in the first {@code length} bytes of the array. */
    static DhcpMessage open(byte[] frame, int length) throws DhcpFormatException {
        MemorySegment bytes = MemorySegment.ofArray(frame).asSlice(0, length);
        EthernetFrame ethernet = new EthernetFrame();
        require(ethernet.tryWrap(bytes, 0, length), "frame ends within its Ethernet header");
        require(ethernet.etherType() == EtherType.IPV4, "not IPv4");

        Ipv4Packet packet = new Ipv4Packet();
        int packetLength = length - PACKET;
        require(packet.tryWrap(bytes, PACKET, packetLength, packetLength), "IPv4 header malformed or cut short");
        require(packet.hasValidChecksum(), "wrong IPv4 header checksum");
        require(packet.protocol() == Protocol.UDP, "not UDP");
        require(!packet.isFragment(), "a fragment");

        UdpHeader udp = new UdpHeader();
        long datagram = packet.payloadOffset();
        require(udp.tryWrap(bytes, datagram, packet.visiblePayload()), "UDP header malformed or cut short");
        require(udp.length() <= packet.visiblePayload(), "UDP length beyond the packet");
        require(udp.sourcePort() == CLIENT_PORT, "not from the DHCP client port");
        require(udp.destinationPort() == SERVER_PORT, "not to the DHCP server port");
        require(
                UdpHeader.hasValidChecksum(bytes, datagram, udp.length(), packet.source(), packet.destination()),
                "wrong UDP checksum");
        return DhcpMessage.parse(bytes.asSlice(datagram + UdpHeader.LENGTH, udp.length() - UdpHeader.LENGTH));
    }

    private static void require(boolean condition, String otherwise) throws DhcpFormatException {
        if (!condition) {
            throw new DhcpFormatException(otherwise);
        }
    }

    /**
     * A frame with full checksums, addressed as RFC 2131 section 4.1 has it for a client on the server's own link.
     *
     * @param maximum bytes of message, see {@link DhcpMessage#encode(int)}
     */
    static byte[] seal(DhcpMessage message, int serverIdentifier, int maximum) {
        int unicast = message.ciaddr() != 0 ? message.ciaddr() : message.yiaddr();
        // A refusal has no address to go to: the client may hold a wrong one, and may not hear what is sent to a right
        // one.
        boolean broadcast = unicast == 0 || (message.ciaddr() == 0 && message.wantsBroadcast());
        int destination = broadcast ? LIMITED_BROADCAST : unicast;
        byte[] payload = message.encode(maximum);
        byte[] frame = new byte[MESSAGE + payload.length];
        MemorySegment bytes = MemorySegment.ofArray(frame);
        MemorySegment.copy(MemorySegment.ofArray(payload), 0, bytes, MESSAGE, payload.length);
        UdpHeader.writeHeader(
                bytes,
                DATAGRAM,
                UdpHeader.LENGTH + payload.length,
                serverIdentifier,
                SERVER_PORT,
                destination,
                CLIENT_PORT);
        Ipv4Packet.writeHeader(
                bytes, PACKET, frame.length - PACKET, TIME_TO_LIVE, Protocol.UDP, serverIdentifier, destination);
        EthernetFrame ethernet = new EthernetFrame();
        ethernet.tryWrap(bytes, 0, frame.length);
        ethernet.destination(
                broadcast ? EthernetFrame.BROADCAST : message.chaddr().value());
        ethernet.source(Gateway.GATEWAY_MAC);
        ethernet.etherType(EtherType.IPV4);
        return frame;
    }
}
