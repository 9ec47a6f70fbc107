package io.vireo.protocols.ethernet;

import java.util.HexFormat;

/**
 * A 48-bit MAC address as a value (IEEE 802.3 3.2.3), for configuration and the cold path.
 *
 * @param value the address, first octet most significant; the upper 16 bits are zero
 */
public record MacAddress(long value) {
    private static final int LENGTH = 6;
    private static final HexFormat FORMAT = HexFormat.ofDelimiter(":");

    public MacAddress {
        if (value >>> 48 != 0) {
            throw new IllegalArgumentException("MAC address 0x%x has more than 48 bits".formatted(value));
        }
    }

    /**
     * Parses six colon-separated pairs of hexadecimal digits, of either case.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static MacAddress parse(String text) {
        byte[] octets;
        try {
            octets = FORMAT.parseHex(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(invalid(text), e);
        }
        if (octets.length != LENGTH) {
            throw new IllegalArgumentException(invalid(text));
        }
        return of(octets);
    }

    private static String invalid(String text) {
        return "\"%s\" is not a MAC address: expected aa:bb:cc:dd:ee:ff".formatted(text);
    }

    /** The address in wire order; anything but six octets throws {@link IllegalArgumentException}. */
    public static MacAddress of(byte[] octets) {
        if (octets.length != LENGTH) {
            throw new IllegalArgumentException("a MAC address has 6 octets, not " + octets.length);
        }
        long value = 0;
        for (byte octet : octets) {
            value = value << 8 | (octet & 0xFF);
        }
        return new MacAddress(value);
    }

    public boolean isMulticast() {
        return EthernetFrame.isMulticast(value);
    }

    /** The six octets in wire order. */
    public byte[] toBytes() {
        byte[] octets = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            octets[i] = (byte) (value >>> (8 * (LENGTH - 1 - i)));
        }
        return octets;
    }

    @Override
    public String toString() {
        return FORMAT.formatHex(toBytes());
    }
}
