package io.vireo.linux;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An attribute of a netlink message (struct rtattr): its length with these four bytes, its type, its value, and padding to a
 * multiple of four.
 *
 * <pre>
 *   0              2            4
 *   | length (u16) | type (u16) | value ...
 * </pre>
 */
record NetlinkAttribute(int type, ByteBuffer value) {
    private static final int HEADER_SIZE = 4;
    /** Of the type: what the two upper bits say (nested, network byte order) follows from the type itself. */
    private static final int TYPE_MASK = 0x3fff;

    private static final int IPV4_LENGTH = 4;
    private static final int IPV6_LENGTH = 16;

    /** @throws LinuxException with EBADMSG if a length is not within the bytes there are */
    static List<NetlinkAttribute> parse(ByteBuffer bytes) throws LinuxException {
        List<NetlinkAttribute> attributes = new ArrayList<>();
        int at = 0;
        while (bytes.limit() - at >= HEADER_SIZE) {
            int length = Short.toUnsignedInt(bytes.getShort(at));
            if (length < HEADER_SIZE || length > bytes.limit() - at) {
                throw NetlinkMessage.malformed("an attribute of " + length + " bytes");
            }
            attributes.add(new NetlinkAttribute(
                    bytes.getShort(at + 2) & TYPE_MASK,
                    NetlinkMessage.slice(bytes, at + HEADER_SIZE, length - HEADER_SIZE)));
            at = Math.min(at + NetlinkMessage.align(length), bytes.limit());
        }
        if (at != bytes.limit()) {
            throw NetlinkMessage.malformed((bytes.limit() - at) + " bytes behind the last attribute");
        }
        return attributes;
    }

    int number() throws LinuxException {
        if (value.limit() != Integer.BYTES) {
            throw NetlinkMessage.malformed("attribute %d of %d bytes".formatted(type, value.limit()));
        }
        return value.getInt(0);
    }

    /** Text up to its end mark, or to the end. */
    String text() {
        int end = 0;
        while (end < value.limit() && value.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end];
        value.get(0, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    List<NetlinkAttribute> nested() throws LinuxException {
        return parse(value);
    }

    InetAddress address() throws LinuxException {
        byte[] octets = new byte[value.limit()];
        value.get(0, octets);
        return address(octets);
    }

    /** An address of either family; one of IPv6 stays one, even if an IPv4 address is mapped to it. */
    static InetAddress address(byte[] octets) throws LinuxException {
        try {
            return switch (octets.length) {
                case IPV4_LENGTH -> InetAddress.getByAddress(octets);
                case IPV6_LENGTH -> Inet6Address.getByAddress(null, octets, -1);
                default -> throw NetlinkMessage.malformed("an address of " + octets.length + " bytes");
            };
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // it has the right length
        }
    }
}
