package io.vireo.protocols.gateway;

import io.vireo.protocols.ipv6.Ipv6Address;

/**
 * Who Vireo is to every guest. One identity serves all networks: a guest sees no other station, and a guest that moves
 * between hosts keeps a valid neighbour cache.
 */
public final class Gateway {
    /** 02:00:00:00:00:01, locally administered; see {@link io.vireo.protocols.NetworkOrder} for MAC addresses as {@code long}. */
    public static final long GATEWAY_MAC = 0x02_00_00_00_00_01L;

    /** 169.254.0.1: the next hop of guests that have no subnet of their own (RFC 3927 link-local). */
    public static final int GATEWAY_IPV4_LINK_LOCAL = 0xA9FE_0001;

    /** fe80::1: the gateway's address on every link, and the default router that guests are told of. */
    public static final Ipv6Address GATEWAY_IPV6_LINK_LOCAL = new Ipv6Address(0xFE80_0000_0000_0000L, 1);

    private Gateway() {}
}
