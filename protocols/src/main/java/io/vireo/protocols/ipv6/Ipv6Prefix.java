package io.vireo.protocols.ipv6;

/**
 * A block of IPv6 addresses (RFC 4291, 2.3).
 *
 * @param address its first address: the bits beyond {@code length} are zero
 * @param length how many leading bits its addresses share, 0 to 128
 */
public record Ipv6Prefix(Ipv6Address address, int length) {
    public static final int MAX_LENGTH = 128;

    public Ipv6Prefix {
        if (length < 0 || length > MAX_LENGTH) {
            throw new IllegalArgumentException("prefix length %d is not within 0 to 128".formatted(length));
        }
        Ipv6Address network = first(address, length);
        if (!network.equals(address)) {
            throw new IllegalArgumentException("%s/%d has bits set beyond its prefix length: did you mean %s/%d?"
                    .formatted(address, length, network, length));
        }
    }

    /**
     * Parses {@code address/n}.
     *
     * @throws IllegalArgumentException for anything else, host bits included
     */
    public static Ipv6Prefix parse(String text) {
        int slash = text.indexOf('/');
        String length = text.substring(slash + 1);
        if (slash < 0 || !length.matches("[0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]")) {
            throw new IllegalArgumentException(
                    "\"%s\" is not an IPv6 prefix: expected address/n with n from 0 to 128".formatted(text));
        }
        return new Ipv6Prefix(Ipv6Address.parse(text.substring(0, slash)), Integer.parseInt(length));
    }

    /** The prefix of that length that an address is in. */
    public static Ipv6Prefix of(Ipv6Address address, int length) {
        return new Ipv6Prefix(first(address, length), length);
    }

    private static Ipv6Address first(Ipv6Address address, int length) {
        return new Ipv6Address(address.high() & highMask(length), address.low() & lowMask(length));
    }

    /** The first eight octets of the mask of a prefix of that length. */
    public static long highMask(int length) {
        return length == 0 ? 0 : -1L << Math.max(Long.SIZE - length, 0);
    }

    /** The last eight octets of the mask of a prefix of that length. */
    public static long lowMask(int length) {
        return length <= Long.SIZE ? 0 : -1L << (MAX_LENGTH - length);
    }

    public boolean contains(Ipv6Address other) {
        return contains(other.high(), other.low());
    }

    public boolean contains(long high, long low) {
        return (high & highMask(length)) == address.high() && (low & lowMask(length)) == address.low();
    }

    public boolean contains(Ipv6Prefix other) {
        return other.length >= length && contains(other.address);
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
