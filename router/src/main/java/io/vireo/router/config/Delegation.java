package io.vireo.router.config;

import io.vireo.protocols.ipv6.Ipv6Prefix;

/**
 * Prefixes for guests that are routers themselves (IA_PD of RFC 8415).
 *
 * @param prefix what they are taken from
 * @param length of each
 */
public record Delegation(Ipv6Prefix prefix, int length) {
    /** Of what is delegated: what lies within a link's interface identifiers cannot be routed on (RFC 4291, 2.5.1). */
    public static final int MAX_LENGTH = 64;

    public Delegation {
        Ipv6Network.requireUnicast(prefix);
        if (length <= prefix.length() || length > MAX_LENGTH) {
            throw new IllegalArgumentException("length %d of delegated prefixes is not within %d to %d"
                    .formatted(length, prefix.length() + 1, MAX_LENGTH));
        }
    }
}
