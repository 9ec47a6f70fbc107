package io.vireo.harness.packets;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;

/** Echoes and errors of ICMP (RFC 792) and ICMPv6 (RFC 4443), which have one layout. */
final class Icmp {
    static final int ECHO_REPLY = 0;
    static final int ECHO_REQUEST = 8;
    static final int V6_ECHO_REQUEST = 128;
    static final int V6_ECHO_REPLY = 129;

    private static final int HEADER_LENGTH = 8;
    /** Destination unreachable, time exceeded, parameter problem. */
    private static final Set<Integer> ERRORS = Set.of(3, 11, 12);
    /** Destination unreachable, packet too big, time exceeded, parameter problem. */
    private static final Set<Integer> V6_ERRORS = Set.of(1, 2, 3, 4);
    /** Of a whole packet with an error in it: RFC 1812, 4.3.2.3 and RFC 4443, 2.4 c. */
    private static final int MAX_ERROR = 576;

    private static final int V6_MAX_ERROR = 1280;

    private Icmp() {}

    /** @param payload the record's own copy */
    record Echo<A extends InetAddress>(A src, A dst, int identifier, int sequence, int hopLimit, byte[] payload) {}

    /** The echo of that type, if the packet holds one. */
    static <A extends InetAddress> Optional<Echo<A>> echo(IpPacket<A> packet, int type) {
        return packet.icmp()
                .filter(message -> (message.get(0) & 0xFF) == type && message.get(1) == 0)
                .map(message -> {
                    byte[] payload = new byte[message.limit() - HEADER_LENGTH];
                    message.get(HEADER_LENGTH, payload);
                    return new Echo<>(
                            packet.src(),
                            packet.dst(),
                            message.getShort(4) & 0xFFFF,
                            message.getShort(6) & 0xFFFF,
                            packet.hopLimit(),
                            payload);
                });
    }

    static Optional<IcmpError> error(IpPacket<Inet4Address> packet) {
        return packet.icmp()
                .filter(message -> ERRORS.contains(message.get(0) & 0xFF)
                        && FrameWriter.IPV4_HEADER_LENGTH + message.limit() <= MAX_ERROR
                        && isIpv4Quote(message.slice(HEADER_LENGTH, message.limit() - HEADER_LENGTH)))
                .map(message -> error(packet, message));
    }

    static Optional<IcmpError> errorV6(IpPacket<Inet6Address> packet) {
        return packet.icmp()
                .filter(message -> V6_ERRORS.contains(message.get(0) & 0xFF)
                        && FrameWriter.IPV6_HEADER_LENGTH + message.limit() <= V6_MAX_ERROR
                        && isIpv6Quote(message.slice(HEADER_LENGTH, message.limit() - HEADER_LENGTH)))
                .map(message -> error(packet, message));
    }

    private static IcmpError error(IpPacket<?> packet, ByteBuffer message) {
        return new IcmpError(
                packet.src(),
                packet.dst(),
                packet.hopLimit(),
                message.get(0) & 0xFF,
                message.get(1) & 0xFF,
                message.getInt(4) & 0xFFFF_FFFFL,
                Octets.of(message.slice(HEADER_LENGTH, message.limit() - HEADER_LENGTH)));
    }

    /** The header and at least 8 bytes, or all there were of them (RFC 792), and nothing behind the packet's end. */
    private static boolean isIpv4Quote(ByteBuffer quote) {
        if (quote.limit() < FrameWriter.IPV4_HEADER_LENGTH || quote.get(0) >> 4 != 4) {
            return false;
        }
        int total = quote.getShort(2) & 0xFFFF;
        int wanted = Math.min(total, (quote.get(0) & 0xF) * 4 + 8);
        return quote.limit() >= wanted && quote.limit() <= total;
    }

    private static boolean isIpv6Quote(ByteBuffer quote) {
        return quote.limit() >= FrameWriter.IPV6_HEADER_LENGTH
                && quote.get(0) >> 4 == 6
                && quote.limit() <= FrameWriter.IPV6_HEADER_LENGTH + (quote.getShort(4) & 0xFFFF);
    }
}
