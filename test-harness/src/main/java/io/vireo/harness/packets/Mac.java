package io.vireo.harness.packets;

import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * A MAC address as a guest writes it, comparable by value.
 *
 * @param value 48 bits, the first octet on the wire in the most significant place
 */
public record Mac(long value) {
    static final int LENGTH = 6;
    public static final Mac BROADCAST = new Mac(0xFFFF_FFFF_FFFFL);
    static final Mac ZERO = new Mac(0);

    private static final HexFormat TEXT = HexFormat.ofDelimiter(":");

    public Mac {
        if (value >>> 48 != 0) {
            throw new IllegalArgumentException("a MAC address has 48 bits: " + Long.toHexString(value));
        }
    }

    /** Reads {@code 52:54:00:12:34:01}; throws {@link IllegalArgumentException} for anything else. */
    public static Mac parse(String text) {
        return of(TEXT.parseHex(text));
    }

    /** The address whose octets these are, in wire order; throws {@link IllegalArgumentException} if not six. */
    public static Mac of(byte... octets) {
        if (octets.length != LENGTH) {
            throw new IllegalArgumentException("a MAC address has 6 octets, not " + octets.length);
        }
        return read(ByteBuffer.wrap(octets));
    }

    /** Where frames for a multicast address go: 33:33 and its last four octets (RFC 2464, 7). */
    public static Mac multicast(Inet6Address group) {
        return new Mac(0x3333_0000_0000L | (ByteBuffer.wrap(group.getAddress()).getInt(12) & 0xFFFF_FFFFL));
    }

    /** The six octets in wire order, a new array. */
    public byte[] toBytes() {
        byte[] octets = new byte[LENGTH];
        write(ByteBuffer.wrap(octets));
        return octets;
    }

    static Mac read(ByteBuffer in) {
        return new Mac((in.getShort() & 0xFFFFL) << 32 | (in.getInt() & 0xFFFF_FFFFL));
    }

    void write(ByteBuffer out) {
        out.putShort((short) (value >> 32)).putInt((int) value);
    }

    @Override
    public String toString() {
        return TEXT.formatHex(toBytes());
    }
}
