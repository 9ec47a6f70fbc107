package io.vireo.protocols.ndp;

import io.vireo.protocols.DomainNames;
import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.icmpv6.Icmpv6Checksum;
import io.vireo.protocols.icmpv6.Icmpv6Message;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Builds router advertisements (RFC 4861 section 4.2), from fe80::1. Cold path.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Type (134)   |     Code      |          Checksum             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Cur Hop Limit |M|O|  Reserved |       Router Lifetime         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         Reachable Time                        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                          Retrans Timer                        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * |   Type (3)    |  Length (4)   | Prefix Length |L|A|  Reserved |  RFC 4861 section 4.6.2
 * |          Valid Lifetime       |       Preferred Lifetime      |  32 bits each
 * |         Reserved (4 bytes)    |       Prefix (16 bytes)       |
 *
 * | Type (25, 31) |     Length    |           Reserved            |  RFC 8106 section 5
 * |                            Lifetime                           |
 * |  addresses of 16 bytes; names in wire form and zeros          |
 * </pre>
 */
public final class RouterAdvertisement {
    private static final int HOP_LIMIT = 4;
    private static final int FLAGS = 5;
    private static final int LIFETIME = 6;
    private static final int OPTIONS = 16;

    private static final int MANAGED = 0x80;
    private static final int OTHER = 0x40;
    private static final int AUTONOMOUS = 0x40;

    private static final int MESSAGE = EthernetFrame.HEADER_LENGTH + Ipv6Packet.HEADER_LENGTH;
    private static final int PREFIX_LENGTH = 32;
    private static final int DNS_HEADER_LENGTH = 8;

    private final MemorySegment frame;

    /** Where the next option goes. */
    private int position = MESSAGE + OPTIONS;

    private RouterAdvertisement(MemorySegment frame) {
        this.frame = frame;
    }

    /**
     * A whole Ethernet frame to one guest.
     *
     * @param guest whose link it goes to, unicast whatever the destination
     * @param destination the guest's address, or {@link Ipv6Address#ALL_NODES}
     */
    public static byte[] build(RouterAdvertisementConfig config, MacAddress guest, Ipv6Address destination) {
        byte[] names = DomainNames.encode(config.search());
        int length = packetLength(config.prefix(), config.mtu(), config.dns(), names.length);
        byte[] bytes = new byte[EthernetFrame.HEADER_LENGTH + length];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        int messageLength = length - Ipv6Packet.HEADER_LENGTH;
        EthernetFrame.writeHeader(frame, 0, guest.value(), Gateway.GATEWAY_MAC, EtherType.IPV6);
        Ipv6Packet.writeHeader(
                frame,
                EthernetFrame.HEADER_LENGTH,
                messageLength,
                Protocol.ICMPV6,
                NdpMessage.HOP_LIMIT,
                Gateway.GATEWAY_IPV6_LINK_LOCAL,
                destination);
        new RouterAdvertisement(frame).write(config, names);
        Icmpv6Checksum.write(frame, EthernetFrame.HEADER_LENGTH, messageLength);
        return bytes;
    }

    /** Bytes of the IPv6 packet. */
    static int packetLength(Optional<Ipv6Prefix> prefix, int mtu, List<Ipv6Address> dns, int namesLength) {
        int length = Ipv6Packet.HEADER_LENGTH + OPTIONS + NdpOptions.UNIT;
        length += prefix.isPresent() ? PREFIX_LENGTH : 0;
        length += mtu > 0 ? NdpOptions.UNIT : 0;
        length += dns.isEmpty() ? 0 : DNS_HEADER_LENGTH + dns.size() * Ipv6Address.LENGTH;
        length += namesLength == 0 ? 0 : DNS_HEADER_LENGTH + padded(namesLength);
        return length;
    }

    private static int padded(int bytes) {
        return (bytes + NdpOptions.UNIT - 1) / NdpOptions.UNIT * NdpOptions.UNIT;
    }

    private void write(RouterAdvertisementConfig config, byte[] names) {
        NetworkOrder.u8(frame, MESSAGE, Icmpv6Message.ROUTER_ADVERTISEMENT);
        NetworkOrder.u8(frame, MESSAGE + HOP_LIMIT, config.hopLimit());
        NetworkOrder.u8(frame, MESSAGE + FLAGS, (config.managed() ? MANAGED : 0) | (config.other() ? OTHER : 0));
        NetworkOrder.u16(frame, MESSAGE + LIFETIME, config.lifetimeSeconds());
        long linkLayer = option(NdpOptions.SOURCE_LINK_LAYER_ADDRESS, NdpOptions.UNIT);
        NetworkOrder.u48(frame, linkLayer + 2, Gateway.GATEWAY_MAC);
        if (config.mtu() > 0) {
            NetworkOrder.u32(frame, option(NdpOptions.MTU, NdpOptions.UNIT) + 4, config.mtu());
        }
        config.prefix().ifPresent(prefix -> writePrefix(config, prefix));
        if (!config.dns().isEmpty()) {
            writeServers(config);
        }
        if (names.length > 0) {
            long list = option(NdpOptions.DNS_SEARCH_LIST, DNS_HEADER_LENGTH + padded(names.length));
            NetworkOrder.u32(frame, list + 4, config.dnsSeconds());
            MemorySegment.copy(MemorySegment.ofArray(names), 0, frame, list + DNS_HEADER_LENGTH, names.length);
        }
    }

    /** Begins an option, whose bytes are zero. */
    private long option(int type, int length) {
        int option = position;
        NetworkOrder.u8(frame, option, type);
        NetworkOrder.u8(frame, option + 1, length / NdpOptions.UNIT);
        position += length;
        return option;
    }

    private void writePrefix(RouterAdvertisementConfig config, Ipv6Prefix prefix) {
        long option = option(NdpOptions.PREFIX_INFORMATION, PREFIX_LENGTH);
        NetworkOrder.u8(frame, option + 2, prefix.length());
        NetworkOrder.u8(frame, option + 3, config.autonomous() ? AUTONOMOUS : 0);
        NetworkOrder.u32(frame, option + 4, config.validSeconds());
        NetworkOrder.u32(frame, option + 8, config.preferredSeconds());
        writeAddress(option + 16, prefix.address());
    }

    private void writeServers(RouterAdvertisementConfig config) {
        List<Ipv6Address> servers = config.dns();
        long option = option(NdpOptions.RECURSIVE_DNS_SERVER, DNS_HEADER_LENGTH + servers.size() * Ipv6Address.LENGTH);
        NetworkOrder.u32(frame, option + 4, config.dnsSeconds());
        for (int i = 0; i < servers.size(); i++) {
            writeAddress(option + DNS_HEADER_LENGTH + (long) i * Ipv6Address.LENGTH, servers.get(i));
        }
    }

    private void writeAddress(long offset, Ipv6Address address) {
        NetworkOrder.u64(frame, offset, address.high());
        NetworkOrder.u64(frame, offset + Long.BYTES, address.low());
    }
}
