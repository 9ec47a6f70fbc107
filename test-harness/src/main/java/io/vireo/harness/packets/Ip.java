package io.vireo.harness.packets;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** IPv4 addresses on the wire, and the checksum of the Internet protocols. */
final class Ip {
    static final int ADDRESS_LENGTH = 4;

    private Ip() {}

    static Inet4Address read(ByteBuffer in) {
        byte[] octets = new byte[ADDRESS_LENGTH];
        in.get(octets);
        try {
            return (Inet4Address) InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new AssertionError("four octets are always an address", e);
        }
    }

    /**
     * The Internet checksum (RFC 1071) over all that remains in the buffers, as if they were one; each but the last must
     * hold an even number of bytes. Over data that includes a right checksum it is 0. Positions stay where they are.
     */
    static int checksum(ByteBuffer... parts) {
        long sum = 0;
        for (ByteBuffer part : parts) {
            int at = part.position();
            for (; at + 1 < part.limit(); at += 2) {
                sum += part.getShort(at) & 0xFFFF;
            }
            if (at < part.limit()) {
                sum += (part.get(at) & 0xFF) << 8;
            }
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        return (int) ~sum & 0xFFFF;
    }

    /** What UDP's checksum covers besides the datagram (RFC 768). */
    static ByteBuffer pseudoHeader(Inet4Address src, Inet4Address dst, int protocol, int length) {
        return ByteBuffer.allocate(12)
                .put(src.getAddress())
                .put(dst.getAddress())
                .putShort((short) protocol)
                .putShort((short) length)
                .flip();
    }
}
