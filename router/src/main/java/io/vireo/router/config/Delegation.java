package io.vireo.router.config;

import io.vireo.protocols.ipv6.Ipv6Prefix;

/**
 * Prefixes for guests that are routers themselves (IA_PD of RFC 8415).
 *
 * @param prefix what they are taken from, shorter than {@value #MAX_LENGTH}
 * @param length of each, longer than that of {@code prefix}, at most {@value #MAX_LENGTH}
 */
public record Delegation(Ipv6Prefix prefix, int length) {
    /** Of what is delegated: what lies within a link's interface identifiers cannot be routed on (RFC 4291, 2.5.1). */
    public static final int MAX_LENGTH = 64;

    public Delegation {
        requireDivisible(prefix);
        if (length <= prefix.length() || length > MAX_LENGTH) {
            throw new IllegalArgumentException("length %d of delegated prefixes is not within %d to %d"
                    .formatted(length, prefix.length() + 1, MAX_LENGTH));
        }
    }

    /** Returns the prefix if others can be taken from it. @throws IllegalArgumentException if it is too long or not unicast */
    public static Ipv6Prefix requireDivisible(Ipv6Prefix prefix) {
        Ipv6Network.requireUnicast(prefix);
        if (prefix.length() >= MAX_LENGTH) {
            throw new IllegalArgumentException(prefix + " is too long to delegate prefixes of");
        }
        return prefix;
    }
}
