package io.vireo.harness.packets;

import java.net.Inet4Address;
import java.net.Inet6Address;
import org.pcap4j.packet.AbstractPacket;
import org.pcap4j.packet.ArpPacket;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IcmpV4CommonPacket;
import org.pcap4j.packet.IcmpV4EchoReplyPacket;
import org.pcap4j.packet.IcmpV6CommonPacket;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.IpV4Rfc1349Tos;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.IpV6SimpleFlowLabel;
import org.pcap4j.packet.IpV6SimpleTrafficClass;
import org.pcap4j.packet.Packet;
import org.pcap4j.packet.UdpPacket;
import org.pcap4j.packet.UnknownPacket;
import org.pcap4j.packet.namednumber.ArpHardwareType;
import org.pcap4j.packet.namednumber.ArpOperation;
import org.pcap4j.packet.namednumber.EtherType;
import org.pcap4j.packet.namednumber.IcmpV4Code;
import org.pcap4j.packet.namednumber.IcmpV4Type;
import org.pcap4j.packet.namednumber.IcmpV6Code;
import org.pcap4j.packet.namednumber.IcmpV6Type;
import org.pcap4j.packet.namednumber.IpNumber;
import org.pcap4j.packet.namednumber.IpVersion;
import org.pcap4j.packet.namednumber.UdpPort;
import org.pcap4j.util.MacAddress;

/** Replies from the gateway to the VM, built by pcap4j, behind a virtio-net header with one buffer. */
final class PcapFrames {
    static final MacAddress GATEWAY = MacAddress.getByName("02:00:00:00:00:01");
    static final MacAddress VM = MacAddress.getByName("52:54:00:12:34:01");
    static final Inet4Address GATEWAY_IP = Packets.ip("169.254.0.1");
    static final Inet4Address VM_IP = Packets.ip("10.0.0.5");
    static final Inet6Address GATEWAY_IPV6 = Packets.ip6("fe80::1");
    static final Inet6Address VM_IPV6 = Packets.ip6("fe80::5054:ff:fe12:3401");
    static final int TTL = 63;

    private PcapFrames() {}

    static byte[] arp(ArpOperation operation) {
        return frame(
                EtherType.ARP,
                new ArpPacket.Builder()
                        .hardwareType(ArpHardwareType.ETHERNET)
                        .protocolType(EtherType.IPV4)
                        .hardwareAddrLength((byte) 6)
                        .protocolAddrLength((byte) 4)
                        .operation(operation)
                        .srcHardwareAddr(GATEWAY)
                        .srcProtocolAddr(GATEWAY_IP)
                        .dstHardwareAddr(VM)
                        .dstProtocolAddr(VM_IP));
    }

    static byte[] echoReply(int identifier, int sequence, byte[] payload) {
        return ipv4(
                IpNumber.ICMPV4,
                new IcmpV4CommonPacket.Builder()
                        .type(IcmpV4Type.ECHO_REPLY)
                        .code(IcmpV4Code.NO_CODE)
                        .correctChecksumAtBuild(true)
                        .payloadBuilder(new IcmpV4EchoReplyPacket.Builder()
                                .identifier((short) identifier)
                                .sequenceNumber((short) sequence)
                                .payloadBuilder(new UnknownPacket.Builder().rawData(payload))));
    }

    static byte[] udp(int srcPort, int dstPort, byte[] payload) {
        return ipv4(
                IpNumber.UDP,
                new UdpPacket.Builder()
                        .srcPort(new UdpPort((short) srcPort, ""))
                        .dstPort(new UdpPort((short) dstPort, ""))
                        .srcAddr(GATEWAY_IP)
                        .dstAddr(VM_IP)
                        .correctChecksumAtBuild(true)
                        .correctLengthAtBuild(true)
                        .payloadBuilder(new UnknownPacket.Builder().rawData(payload)));
    }

    /** @param body what follows the checksum */
    static byte[] icmp(int type, int code, byte[] body) {
        return ipv4(
                IpNumber.ICMPV4,
                new IcmpV4CommonPacket.Builder()
                        .type(new IcmpV4Type((byte) type, ""))
                        .code(new IcmpV4Code((byte) code, ""))
                        .correctChecksumAtBuild(true)
                        .payloadBuilder(new UnknownPacket.Builder().rawData(body)));
    }

    /** From the gateway's link-local address to the VM's, with hop limit 255; the body follows the checksum. */
    static byte[] icmpv6(int type, int code, byte[] body) {
        return icmpv6(GATEWAY_IPV6, VM_IPV6, 255, type, code, new UnknownPacket.Builder().rawData(body));
    }

    static byte[] icmpv6(Inet6Address src, Inet6Address dst, int hopLimit, int type, int code, Packet.Builder body) {
        return ipv6(
                src,
                dst,
                IpNumber.ICMPV6,
                hopLimit,
                new IcmpV6CommonPacket.Builder()
                        .type(new IcmpV6Type((byte) type, ""))
                        .code(new IcmpV6Code((byte) code, ""))
                        .srcAddr(src)
                        .dstAddr(dst)
                        .correctChecksumAtBuild(true)
                        .payloadBuilder(body));
    }

    /** From the gateway's link-local address to the VM's. */
    static byte[] udpv6(int srcPort, int dstPort, byte[] payload) {
        return ipv6(
                GATEWAY_IPV6,
                VM_IPV6,
                IpNumber.UDP,
                TTL,
                new UdpPacket.Builder()
                        .srcPort(new UdpPort((short) srcPort, ""))
                        .dstPort(new UdpPort((short) dstPort, ""))
                        .srcAddr(GATEWAY_IPV6)
                        .dstAddr(VM_IPV6)
                        .correctChecksumAtBuild(true)
                        .correctLengthAtBuild(true)
                        .payloadBuilder(new UnknownPacket.Builder().rawData(payload)));
    }

    private static byte[] ipv6(
            Inet6Address src,
            Inet6Address dst,
            IpNumber protocol,
            int hopLimit,
            AbstractPacket.AbstractBuilder payload) {
        return frame(
                EtherType.IPV6,
                new IpV6Packet.Builder()
                        .version(IpVersion.IPV6)
                        .trafficClass(IpV6SimpleTrafficClass.newInstance((byte) 0))
                        .flowLabel(IpV6SimpleFlowLabel.newInstance(0))
                        .nextHeader(protocol)
                        .hopLimit((byte) hopLimit)
                        .srcAddr(src)
                        .dstAddr(dst)
                        .correctLengthAtBuild(true)
                        .payloadBuilder(payload));
    }

    private static byte[] ipv4(IpNumber protocol, AbstractPacket.AbstractBuilder payload) {
        return frame(
                EtherType.IPV4,
                new IpV4Packet.Builder()
                        .version(IpVersion.IPV4)
                        .tos(IpV4Rfc1349Tos.newInstance((byte) 0))
                        .identification((short) 7)
                        .ttl((byte) TTL)
                        .protocol(protocol)
                        .srcAddr(GATEWAY_IP)
                        .dstAddr(VM_IP)
                        .correctChecksumAtBuild(true)
                        .correctLengthAtBuild(true)
                        .payloadBuilder(payload));
    }

    private static byte[] frame(EtherType type, AbstractPacket.AbstractBuilder payload) {
        // Padded to what Ethernet requires, as a frame from a real network is.
        Packet packet = new EthernetPacket.Builder()
                .dstAddr(VM)
                .srcAddr(GATEWAY)
                .type(type)
                .payloadBuilder(payload)
                .paddingAtBuild(true)
                .build();
        byte[] frame = new byte[12 + packet.length()];
        frame[10] = 1;
        System.arraycopy(packet.getRawData(), 0, frame, 12, packet.length());
        return frame;
    }
}
