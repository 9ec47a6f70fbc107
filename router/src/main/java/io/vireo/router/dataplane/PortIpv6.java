package io.vireo.router.dataplane;

import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The IPv6 addresses that a guest may send from, link-local ones aside. Immutable. */
public final class PortIpv6 {
    /** A guest without any. */
    public static final PortIpv6 NONE = new PortIpv6(Optional.empty(), Optional.empty());

    private final @Nullable Ipv6Prefix own;
    private final @Nullable Ipv6Prefix delegated;

    /** The own prefix as it lies in memory; without one, what no masked address equals. */
    private final long highMask;

    private final long lowMask;
    private final long high;
    private final long low;

    /**
     * @param own the guest's /64, or the one address that it has as a /128
     * @param delegated what it may give to guests of its own
     */
    public PortIpv6(Optional<Ipv6Prefix> own, Optional<Ipv6Prefix> delegated) {
        this.own = own.orElse(null);
        this.delegated = delegated.orElse(null);
        highMask = own.map(prefix -> Long.reverseBytes(Ipv6Prefix.highMask(prefix.length())))
                .orElse(0L);
        lowMask = own.map(prefix -> Long.reverseBytes(Ipv6Prefix.lowMask(prefix.length())))
                .orElse(0L);
        high = own.map(prefix -> Long.reverseBytes(prefix.address().high())).orElse(1L);
        low = own.map(prefix -> Long.reverseBytes(prefix.address().low())).orElse(1L);
    }

    /** Whether the guest may use the address, which is not link-local, as a source. */
    boolean has(long addressHigh, long addressLow) {
        return (own != null && own.contains(addressHigh, addressLow))
                || (delegated != null && delegated.contains(addressHigh, addressLow));
    }

    /** Whether it is one of the own prefix: both halves of the address as little-endian longs from memory. */
    boolean hasInMemory(long addressHigh, long addressLow) {
        return (addressHigh & highMask) == high && (addressLow & lowMask) == low;
    }
}
