package io.vireo.protocols.ipv4;

/**
 * A block of IPv4 addresses in CIDR notation (RFC 4632).
 *
 * @param address its first address: the bits beyond {@code length} are zero
 * @param length how many leading bits its addresses share, 0 to 32
 */
public record Ipv4Prefix(Ipv4Address address, int length) {
    public Ipv4Prefix {
        if (length < 0 || length > Integer.SIZE) {
            throw new IllegalArgumentException("prefix length %d is not within 0 to 32".formatted(length));
        }
        int network = address.value() & mask(length);
        if (network != address.value()) {
            throw new IllegalArgumentException("%s/%d has bits set beyond its prefix length: did you mean %s/%d?"
                    .formatted(address, length, new Ipv4Address(network), length));
        }
    }

    /**
     * Parses {@code a.b.c.d/n}.
     *
     * @throws IllegalArgumentException for anything else, host bits included
     */
    public static Ipv4Prefix parse(String text) {
        int slash = text.indexOf('/');
        String length = text.substring(slash + 1);
        if (slash < 0 || !length.matches("[0-9]|[12][0-9]|3[0-2]")) {
            throw new IllegalArgumentException(
                    "\"%s\" is not an IPv4 prefix: expected a.b.c.d/n with n from 0 to 32".formatted(text));
        }
        return new Ipv4Prefix(Ipv4Address.parse(text.substring(0, slash)), Integer.parseInt(length));
    }

    private static int mask(int length) {
        return (int) (0xFFFF_FFFFL << (Integer.SIZE - length));
    }

    public boolean contains(int ipv4) {
        return (ipv4 & mask(length)) == address.value();
    }

    public int mask() {
        return mask(length);
    }

    /** The last address, which is the directed broadcast of a subnet up to /30 (RFC 922, RFC 3021). */
    public int broadcast() {
        return address.value() | ~mask(length);
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
