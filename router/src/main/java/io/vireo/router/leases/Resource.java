package io.vireo.router.leases;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;

/**
 * What a lease is of: one address, or one prefix.
 *
 * @param block the prefix; a single address has length 128, one of IPv4 in its IPv4-mapped form (RFC 4291, 2.5.5.2), so that
 *     one arithmetic serves all
 */
public record Resource(Kind kind, Ipv6Prefix block) {
    private static final int ADDRESS = 128;
    private static final int OWN_PREFIX = 64;
    private static final long MAPPED = 0xffffL << Integer.SIZE;

    public Resource {
        boolean fits = switch (kind) {
            case IPV4 ->
                block.length() == ADDRESS
                        && block.address().high() == 0
                        && block.address().low() >>> Integer.SIZE == MAPPED >>> Integer.SIZE;
            case IPV6_ADDRESS -> block.length() == ADDRESS;
            case IPV6_PREFIX -> block.length() == OWN_PREFIX;
            case DELEGATED_PREFIX -> true;
        };
        if (!fits) {
            throw new IllegalArgumentException(block + " is no resource of kind " + kind);
        }
    }

    public static Resource of(Ipv4Address address) {
        return new Resource(Kind.IPV4, new Ipv6Prefix(mapped(address), ADDRESS));
    }

    public static Resource of(Ipv6Address address) {
        return new Resource(Kind.IPV6_ADDRESS, new Ipv6Prefix(address, ADDRESS));
    }

    /** A guest's own /64; another length throws {@link IllegalArgumentException}. */
    public static Resource own(Ipv6Prefix prefix) {
        return new Resource(Kind.IPV6_PREFIX, prefix);
    }

    public static Resource delegated(Ipv6Prefix prefix) {
        return new Resource(Kind.DELEGATED_PREFIX, prefix);
    }

    static Ipv6Address mapped(Ipv4Address address) {
        return new Ipv6Address(0, MAPPED | Integer.toUnsignedLong(address.value()));
    }

    /** The IPv4 address; {@link IllegalStateException} for another kind. */
    public Ipv4Address ipv4() {
        require(kind == Kind.IPV4);
        return new Ipv4Address((int) block.address().low());
    }

    /** The IPv6 address; {@link IllegalStateException} for another kind. */
    public Ipv6Address ipv6() {
        require(kind == Kind.IPV6_ADDRESS);
        return block.address();
    }

    /** The own or delegated prefix; {@link IllegalStateException} for another kind. */
    public Ipv6Prefix prefix() {
        require(kind == Kind.IPV6_PREFIX || kind == Kind.DELEGATED_PREFIX);
        return block;
    }

    private void require(boolean condition) {
        if (!condition) {
            throw new IllegalStateException("the resource is of kind " + kind);
        }
    }

    boolean overlaps(Resource other) {
        return block.contains(other.block) || other.block.contains(block);
    }

    /** As people write it: {@code 10.0.0.7}, {@code 2001:db8::1000}, {@code 2001:db8:0:1::/64}. */
    @Override
    public String toString() {
        return switch (kind) {
            case IPV4 -> ipv4().toString();
            case IPV6_ADDRESS -> ipv6().toString();
            case IPV6_PREFIX, DELEGATED_PREFIX -> block.toString();
        };
    }
}
