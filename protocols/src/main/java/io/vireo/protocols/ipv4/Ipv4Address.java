package io.vireo.protocols.ipv4;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An IPv4 address as a value, for configuration and the cold path.
 *
 * @param value the address, first octet most significant
 */
public record Ipv4Address(int value) {
    /** RFC 3986 section 3.2.2, dec-octet: no leading zeros, which some read as octal. */
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

    private static final Pattern DOTTED_QUAD = Pattern.compile(String.join("\\.", OCTET, OCTET, OCTET, OCTET));

    /**
     * Parses a dotted quad.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Ipv4Address parse(String text) {
        Matcher quad = DOTTED_QUAD.matcher(text);
        if (!quad.matches()) {
            throw new IllegalArgumentException("\"%s\" is not an IPv4 address: expected a.b.c.d".formatted(text));
        }
        int value = 0;
        for (int octet = 1; octet <= 4; octet++) {
            value = value << 8 | Integer.parseInt(quad.group(octet));
        }
        return new Ipv4Address(value);
    }

    /** Whether {@link #parse} takes it. */
    public static boolean isDottedQuad(String text) {
        return DOTTED_QUAD.matcher(text).matches();
    }

    /** The four octets in wire order. */
    public byte[] toBytes() {
        return new byte[] {(byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value};
    }

    @Override
    public String toString() {
        return (value >>> 24) + "." + (value >>> 16 & 0xFF) + "." + (value >>> 8 & 0xFF) + "." + (value & 0xFF);
    }
}
