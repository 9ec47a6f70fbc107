package io.vireo.harness.packets;

import static io.vireo.harness.packets.Strict.require;
import static io.vireo.harness.packets.Strict.u16;
import static io.vireo.harness.packets.Strict.u32;
import static io.vireo.harness.packets.Strict.u8;

import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Neighbour discovery (RFC 4861) as a host writes and reads it. */
final class Ndp {
    static final int HOP_LIMIT = 255;
    static final int ROUTER_SOLICITATION = 133;
    static final int NEIGHBOR_SOLICITATION = 135;

    private static final int ROUTER_ADVERTISEMENT = 134;
    private static final int NEIGHBOR_ADVERTISEMENT = 136;

    private static final int SOURCE_LINK_LAYER = 1;
    private static final int TARGET_LINK_LAYER = 2;
    private static final int PREFIX = 3;
    private static final int MTU = 5;
    private static final int RDNSS = 25;
    private static final int DNSSL = 31;

    private Ndp() {}

    /** Nobody with {@code ::} for a source may tell its link-layer address (RFC 4861, 4.1 and 4.3). */
    static byte[] routerSolicitation(Mac srcMac, Inet6Address srcIp) {
        return ByteBuffer.allocate(4 + sourceLength(srcIp))
                .putInt(0)
                .put(source(srcMac, srcIp))
                .array();
    }

    static byte[] neighborSolicitation(Mac srcMac, Inet6Address srcIp, Inet6Address targetIp) {
        return ByteBuffer.allocate(4 + Ip.IPV6_ADDRESS_LENGTH + sourceLength(srcIp))
                .putInt(0)
                .put(targetIp.getAddress())
                .put(source(srcMac, srcIp))
                .array();
    }

    private static int sourceLength(Inet6Address srcIp) {
        return srcIp.isAnyLocalAddress() ? 0 : 8;
    }

    private static ByteBuffer source(Mac srcMac, Inet6Address srcIp) {
        ByteBuffer option = ByteBuffer.allocate(sourceLength(srcIp));
        if (option.hasRemaining()) {
            option.put((byte) SOURCE_LINK_LAYER).put((byte) 1);
            srcMac.write(option);
        }
        return option.flip();
    }

    static Optional<RaResponse> routerAdvertisement(IpPacket<Inet6Address> packet) {
        return message(packet, ROUTER_ADVERTISEMENT)
                .flatMap(message -> Strict.parse(() -> {
                    require(packet.src().isLinkLocalAddress());
                    int hopLimit = u8(message);
                    int flags = u8(message);
                    int lifetime = u16(message);
                    long reachable = u32(message);
                    long retrans = u32(message);
                    RouterOptions options = new RouterOptions();
                    while (message.hasRemaining()) {
                        options.read(u8(message), option(message));
                    }
                    return new RaResponse(
                            packet.src(),
                            packet.dst(),
                            hopLimit,
                            (flags & 0x80) != 0,
                            (flags & 0x40) != 0,
                            lifetime,
                            reachable,
                            retrans,
                            options.prefixes,
                            options.mtu,
                            options.dns,
                            options.dnsLifetime,
                            options.search,
                            options.searchLifetime,
                            options.source);
                }));
    }

    static Optional<NaResponse> neighborAdvertisement(IpPacket<Inet6Address> packet) {
        return message(packet, NEIGHBOR_ADVERTISEMENT)
                .flatMap(message -> Strict.parse(() -> {
                    int flags = message.getInt();
                    Inet6Address target = Ip.readIpv6(message);
                    boolean solicited = (flags & 0x4000_0000) != 0;
                    require(!target.isMulticastAddress()
                            && !(solicited && packet.dst().isMulticastAddress()));
                    Optional<Mac> linkLayer = Optional.empty();
                    while (message.hasRemaining()) {
                        int type = u8(message);
                        ByteBuffer option = option(message);
                        if (type == TARGET_LINK_LAYER) {
                            linkLayer = Optional.of(mac(option));
                        }
                    }
                    return new NaResponse(
                            packet.src(),
                            packet.dst(),
                            target,
                            flags < 0,
                            solicited,
                            (flags & 0x2000_0000) != 0,
                            linkLayer);
                }));
    }

    /** What follows the checksum of a message that comes from this link, which the hop limit proves. */
    private static Optional<ByteBuffer> message(IpPacket<Inet6Address> packet, int type) {
        return packet.icmp()
                .filter(message ->
                        packet.hopLimit() == HOP_LIMIT && (message.get(0) & 0xFF) == type && message.get(1) == 0)
                .map(message -> message.slice(4, message.limit() - 4));
    }

    /** What follows the length of an option whose type has been read. */
    private static ByteBuffer option(ByteBuffer in) {
        int units = u8(in);
        require(units > 0);
        return Strict.take(in, units * 8 - 2);
    }

    private static Mac mac(ByteBuffer option) {
        require(option.remaining() == Mac.LENGTH);
        return Mac.read(option);
    }

    private static final class RouterOptions {
        final List<PrefixInfo> prefixes = new ArrayList<>();
        final List<Inet6Address> dns = new ArrayList<>();
        final List<String> search = new ArrayList<>();
        OptionalLong mtu = OptionalLong.empty();
        OptionalLong dnsLifetime = OptionalLong.empty();
        OptionalLong searchLifetime = OptionalLong.empty();
        Optional<Mac> source = Optional.empty();

        /** @param option what follows the type and the length */
        void read(int type, ByteBuffer option) {
            switch (type) {
                case SOURCE_LINK_LAYER -> source = Optional.of(mac(option));
                case PREFIX -> prefixes.add(prefix(option));
                case MTU -> {
                    require(option.remaining() == 6 && u16(option) == 0);
                    mtu = OptionalLong.of(u32(option));
                }
                case RDNSS -> {
                    require(u16(option) == 0);
                    dnsLifetime = shorter(dnsLifetime, u32(option));
                    require(option.hasRemaining());
                    while (option.hasRemaining()) {
                        dns.add(Ip.readIpv6(option));
                    }
                }
                case DNSSL -> {
                    require(u16(option) == 0);
                    searchLifetime = shorter(searchLifetime, u32(option));
                    search.addAll(DomainNames.readPadded(option));
                }
                default -> {
                    // RFC 4861, 4.2: options that a receiver does not know are passed over
                }
            }
        }

        private static OptionalLong shorter(OptionalLong known, long seconds) {
            return OptionalLong.of(Math.min(known.orElse(seconds), seconds));
        }

        private static PrefixInfo prefix(ByteBuffer option) {
            require(option.remaining() == 30);
            int length = u8(option);
            int flags = u8(option);
            long valid = u32(option);
            long preferred = u32(option);
            require(option.getInt() == 0 && preferred <= valid);
            Inet6Address prefix = Ip.readIpv6(option);
            require(Ip.isPrefix(prefix, length));
            return new PrefixInfo(prefix, length, (flags & 0x80) != 0, (flags & 0x40) != 0, valid, preferred);
        }
    }
}
