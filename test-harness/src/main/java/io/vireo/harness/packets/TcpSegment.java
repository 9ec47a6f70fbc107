package io.vireo.harness.packets;

import static io.vireo.harness.packets.FrameWriter.ETHERNET_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.ETHERTYPE_IPV4;
import static io.vireo.harness.packets.FrameWriter.ETHERTYPE_IPV6;
import static io.vireo.harness.packets.FrameWriter.IPV4_HEADER_LENGTH;
import static io.vireo.harness.packets.FrameWriter.IPV6_HEADER_LENGTH;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A segment of a TCP stream (RFC 9293, 3.1) with ACK set and no options, whole or still to be cut by whoever receives it.
 * Errors as in {@link Packets}.
 *
 * @param srcIp of the same family as {@code dstIp}
 * @param identification of IPv4, which each further segment's is one more than; IPv6 has none
 * @param sequence of the payload's first byte
 * @param payload not copied
 */
public record TcpSegment(
        Mac srcMac,
        Mac dstMac,
        InetAddress srcIp,
        InetAddress dstIp,
        int hopLimit,
        int identification,
        int sequence,
        byte[] payload) {
    private static final int HEADER_LENGTH = 20;
    private static final int CHECKSUM_OFFSET = 16;
    private static final int PROTOCOL_TCP = 6;
    private static final int SRC_PORT = 40_002;
    private static final int DST_PORT = 5201;
    private static final int ACKNOWLEDGED = 0x0102_0304;
    private static final short FIVE_WORDS_AND_ACK = 0x5010;

    // virtio 1.3, 5.1.6
    private static final int NEEDS_CSUM = 1;
    private static final int GSO_TCPV4 = 1;
    private static final int GSO_TCPV6 = 4;

    /** As a router sends it on: to the next station, and maybe with a hop less. */
    public TcpSegment forwarded(Mac from, Mac to, int hops) {
        return new TcpSegment(from, to, srcIp, dstIp, hops, identification, sequence, payload);
    }

    /** With its checksum, and nothing left to be done. */
    public byte[] frame() {
        return frame(segment(Ip.checksum(pseudoHeader(), ByteBuffer.wrap(segment(0)))));
    }

    /** As a guest sends it that leaves the checksum and the cutting to its card: of the checksum there is the beginning. */
    public byte[] superFrame(int segmentSize) {
        byte[] frame = frame(segment(~Ip.checksum(pseudoHeader())));
        int start = ETHERNET_HEADER_LENGTH + (isIpv4() ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH);
        ByteBuffer.wrap(frame)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) NEEDS_CSUM)
                .put((byte) (isIpv4() ? GSO_TCPV4 : GSO_TCPV6))
                .putShort((short) (start + HEADER_LENGTH))
                .putShort((short) segmentSize)
                .putShort((short) start)
                .putShort((short) CHECKSUM_OFFSET);
        return frame;
    }

    /** What it has to be cut into. */
    public List<TcpSegment> cut(int segmentSize) {
        List<TcpSegment> pieces = new ArrayList<>();
        for (int from = 0; from < payload.length; from += segmentSize) {
            byte[] piece = Arrays.copyOfRange(payload, from, Math.min(payload.length, from + segmentSize));
            pieces.add(new TcpSegment(
                    srcMac, dstMac, srcIp, dstIp, hopLimit, identification + pieces.size(), sequence + from, piece));
        }
        return pieces;
    }

    private boolean isIpv4() {
        return srcIp instanceof Inet4Address;
    }

    private ByteBuffer pseudoHeader() {
        return Ip.pseudoHeader(srcIp, dstIp, PROTOCOL_TCP, HEADER_LENGTH + payload.length);
    }

    private byte[] segment(int checksum) {
        return ByteBuffer.allocate(HEADER_LENGTH + payload.length)
                .putShort((short) SRC_PORT)
                .putShort((short) DST_PORT)
                .putInt(sequence)
                .putInt(ACKNOWLEDGED)
                .putShort(FIVE_WORDS_AND_ACK)
                .putShort((short) 0xFFFF) // window
                .putShort((short) checksum)
                .putShort((short) 0) // no urgent data
                .put(payload)
                .array();
    }

    private byte[] frame(byte[] segment) {
        if (srcIp instanceof Inet4Address src && dstIp instanceof Inet4Address dst) {
            byte[] packet = FrameWriter.ipv4(
                    src, dst, PROTOCOL_TCP, hopLimit, identification, FrameWriter.DO_NOT_FRAGMENT, segment);
            return FrameWriter.ethernet(dstMac, srcMac, ETHERTYPE_IPV4, packet);
        }
        byte[] packet = FrameWriter.ipv6((Inet6Address) srcIp, (Inet6Address) dstIp, PROTOCOL_TCP, hopLimit, segment);
        return FrameWriter.ethernet(dstMac, srcMac, ETHERTYPE_IPV6, packet);
    }
}
