package io.vireo.protocols.ipv4;

/**
 * Consecutive IPv4 addresses.
 *
 * @param first the lowest, by the value of unsigned numbers
 * @param last the highest; it belongs to the range
 */
public record Ipv4Range(Ipv4Address first, Ipv4Address last) {
    public Ipv4Range {
        if (Integer.compareUnsigned(first.value(), last.value()) > 0) {
            throw new IllegalArgumentException("range %s-%s ends before it begins".formatted(first, last));
        }
    }

    /**
     * Parses {@code first-last}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Ipv4Range parse(String text) {
        int hyphen = text.indexOf('-');
        if (hyphen < 0) {
            throw new IllegalArgumentException(
                    "\"%s\" is not a range of addresses: expected a.b.c.d-e.f.g.h".formatted(text));
        }
        return new Ipv4Range(
                Ipv4Address.parse(text.substring(0, hyphen)), Ipv4Address.parse(text.substring(hyphen + 1)));
    }

    public boolean contains(Ipv4Address address) {
        return Integer.compareUnsigned(address.value(), first.value()) >= 0
                && Integer.compareUnsigned(address.value(), last.value()) <= 0;
    }

    /** How many addresses it has, 1 to 2^32. */
    public long size() {
        return Integer.toUnsignedLong(last.value() - first.value()) + 1;
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
