package io.vireo.fuzz;

import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.protocols.udp.UdpHeader;
import java.lang.foreign.MemorySegment;

/** Puts arbitrary payload into frames that are right in all else: no fuzzer finds a checksum by itself. */
public final class Packing {
    private static final int IP = EthernetFrame.HEADER_LENGTH;

    private Packing() {}

    /** A broadcast from {@code 0.0.0.0}, as a DHCP client without an address sends it. */
    public static byte[] udp(byte[] payload, MacAddress from, int sourcePort, int destinationPort) {
        int datagram = UdpHeader.LENGTH + payload.length;
        int transport = IP + Ipv4Packet.HEADER_LENGTH;
        byte[] frame = new byte[transport + datagram];
        MemorySegment segment = MemorySegment.ofArray(frame);
        System.arraycopy(payload, 0, frame, transport + UdpHeader.LENGTH, payload.length);
        EthernetFrame.writeHeader(segment, 0, 0xFFFF_FFFF_FFFFL, from.value(), EtherType.IPV4);
        Ipv4Packet.writeHeader(segment, IP, frame.length - IP, 64, Protocol.UDP, 0, -1);
        UdpHeader.writeHeader(segment, transport, datagram, 0, sourcePort, -1, destinationPort);
        return frame;
    }

    /** The same over IPv6. */
    public static byte[] udp6(
            byte[] payload,
            MacAddress from,
            Ipv6Address source,
            Ipv6Address destination,
            int sourcePort,
            int destinationPort) {
        int datagram = UdpHeader.LENGTH + payload.length;
        int transport = IP + Ipv6Packet.HEADER_LENGTH;
        byte[] frame = new byte[transport + datagram];
        MemorySegment segment = MemorySegment.ofArray(frame);
        System.arraycopy(payload, 0, frame, transport + UdpHeader.LENGTH, payload.length);
        EthernetFrame.writeHeader(segment, 0, 0x3333_0001_0002L, from.value(), EtherType.IPV6);
        Ipv6Packet.writeHeader(segment, IP, datagram, Protocol.UDP, 1, source, destination);
        long pseudoHeader = Ipv6Packet.pseudoHeader(segment, IP, Protocol.UDP, datagram);
        UdpHeader.writeHeader(segment, transport, datagram, pseudoHeader, sourcePort, destinationPort);
        return frame;
    }
}
