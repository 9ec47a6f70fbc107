package io.vireo.harness.packets;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Addresses on the wire, and the checksum of the Internet protocols. */
final class Ip {
    static final int ADDRESS_LENGTH = 4;
    static final int IPV6_ADDRESS_LENGTH = 16;

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

    static Inet6Address readIpv6(ByteBuffer in) {
        byte[] octets = new byte[IPV6_ADDRESS_LENGTH];
        in.get(octets);
        try {
            return Inet6Address.getByAddress(null, octets, -1); // the other way makes IPv4 of IPv4-mapped addresses
        } catch (UnknownHostException e) {
            throw new AssertionError("sixteen octets are always an address", e);
        }
    }

    /** Whether the length is one of IPv6's, 0 to 128, and no bit is set beyond it. */
    static boolean isPrefix(Inet6Address prefix, int length) {
        int bits = IPV6_ADDRESS_LENGTH * Byte.SIZE;
        BigInteger value = new BigInteger(1, prefix.getAddress());
        return length <= bits && (value.signum() == 0 || value.getLowestSetBit() >= bits - length);
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

    /**
     * What a transport's checksum covers besides itself (RFC 768; RFC 8200, 8.1). IPv6 has the same fields in another order
     * and with more zeros, of which a sum knows nothing.
     */
    static ByteBuffer pseudoHeader(InetAddress src, InetAddress dst, int protocol, int length) {
        byte[] from = src.getAddress();
        byte[] to = dst.getAddress();
        return ByteBuffer.allocate(from.length + to.length + 4)
                .put(from)
                .put(to)
                .putShort((short) protocol)
                .putShort((short) length)
                .flip();
    }
}
