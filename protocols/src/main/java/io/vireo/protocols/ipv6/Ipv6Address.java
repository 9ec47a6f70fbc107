package io.vireo.protocols.ipv6;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An IPv6 address as a value.
 *
 * @param high its first eight octets, the first most significant
 * @param low its last eight octets: the interface identifier, if the prefix is a /64
 */
public record Ipv6Address(long high, long low) implements Comparable<Ipv6Address> {
    public static final int LENGTH = 16;

    public static final Ipv6Address UNSPECIFIED = new Ipv6Address(0, 0);

    /** {@code ff02::1} (RFC 4291, 2.7.1). */
    public static final Ipv6Address ALL_NODES = new Ipv6Address(0xff02_0000_0000_0000L, 1);

    /** {@code ff02::2}. */
    public static final Ipv6Address ALL_ROUTERS = new Ipv6Address(0xff02_0000_0000_0000L, 2);

    private static final Pattern CHARACTERS = Pattern.compile("[0-9a-fA-F:.]{2,45}");
    private static final int WORDS = 8;

    /**
     * Parses what RFC 4291, 2.2 allows, without a zone.
     *
     * @throws IllegalArgumentException for anything else, IPv4-mapped addresses included
     */
    public static Ipv6Address parse(String text) {
        if (CHARACTERS.matcher(text).matches() && text.indexOf(':') >= 0 && literal(text) instanceof Inet6Address v6) {
            return of(v6.getAddress(), 0);
        }
        throw new IllegalArgumentException("\"%s\" is not an IPv6 address, such as 2001:db8::1".formatted(text));
    }

    private static @Nullable InetAddress literal(String text) {
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The {@value #LENGTH} octets in wire order that begin at {@code offset}. */
    public static Ipv6Address of(byte[] octets, int offset) {
        return new Ipv6Address(u64(octets, offset), u64(octets, offset + Long.BYTES));
    }

    private static long u64(byte[] octets, int offset) {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << Byte.SIZE | (octets[offset + i] & 0xff);
        }
        return value;
    }

    /** The octets in wire order. */
    public byte[] toBytes() {
        byte[] octets = new byte[LENGTH];
        for (int i = 0; i < Long.BYTES; i++) {
            int shift = Long.SIZE - Byte.SIZE * (i + 1);
            octets[i] = (byte) (high >>> shift);
            octets[Long.BYTES + i] = (byte) (low >>> shift);
        }
        return octets;
    }

    /** {@code ff00::/8}. */
    public static boolean isMulticast(long high) {
        return high >>> 56 == 0xff;
    }

    /** {@code fe80::/10}. */
    public static boolean isLinkLocal(long high) {
        return high >>> 54 == 0x3fa;
    }

    /** A solicited-node multicast address, {@code ff02::1:ff00:0/104} (RFC 4291, 2.7.1). */
    public boolean isSolicitedNode() {
        return isSolicitedNode(high, low);
    }

    /** The same of an address that is no value. */
    public static boolean isSolicitedNode(long high, long low) {
        return high == 0xff02_0000_0000_0000L && low >>> 24 == 0x1_ffL;
    }

    /** The solicited-node multicast address that whoever has this address listens to. */
    public Ipv6Address solicitedNode() {
        return new Ipv6Address(0xff02_0000_0000_0000L, 0x1_ff00_0000L | (low & 0xff_ffff));
    }

    @Override
    public int compareTo(Ipv6Address other) {
        int order = Long.compareUnsigned(high, other.high);
        return order != 0 ? order : Long.compareUnsigned(low, other.low);
    }

    /** As RFC 5952, 4 writes it. */
    @Override
    public String toString() {
        int zeros = -1;
        int longest = 1; // a single word of zeros is not shortened (4.2.2)
        for (int word = 0; word < WORDS; word++) {
            int end = word;
            while (end < WORDS && word(end) == 0) {
                end++;
            }
            if (end - word > longest) {
                zeros = word;
                longest = end - word;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int word = 0; word < WORDS; word++) {
            if (word == zeros) {
                text.append("::");
                word += longest - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(word(word)));
            }
        }
        return text.toString();
    }

    private int word(int index) {
        long half = index < WORDS / 2 ? high : low;
        return (int) (half >>> ((WORDS / 2 - 1 - index % (WORDS / 2)) * Short.SIZE)) & 0xffff;
    }
}
