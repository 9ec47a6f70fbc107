package io.vireo.router.config;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;

/**
 * A prefix of either family, so that both can be compared by one rule.
 *
 * @param bits those of an IPv4 prefix come first
 */
record Block(boolean isIpv4, Ipv6Prefix bits) {
    static Block of(Ipv4Prefix prefix) {
        long high = (long) prefix.address().value() << Integer.SIZE;
        return new Block(true, new Ipv6Prefix(new Ipv6Address(high, 0), prefix.length()));
    }

    static Block of(Ipv6Prefix prefix) {
        return new Block(false, prefix);
    }

    static Block of(StaticRoute route) {
        return switch (route) {
            case StaticRoute.Ipv4 its -> of(its.to());
            case StaticRoute.Ipv6 its -> of(its.to());
        };
    }

    int length() {
        return bits.length();
    }

    /** The first {@code length} bits of it. */
    Block shortened(int length) {
        return new Block(isIpv4, Ipv6Prefix.of(bits.address(), length));
    }

    @Override
    public String toString() {
        Ipv4Address ipv4 = new Ipv4Address((int) (bits.address().high() >>> Integer.SIZE));
        return isIpv4 ? new Ipv4Prefix(ipv4, length()).toString() : bits.toString();
    }
}
