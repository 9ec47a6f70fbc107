package io.vireo.protocols;

/**
 * Who Vireo is to every guest. One identity serves all networks: a guest sees no other station, and a guest that moves
 * between hosts keeps a valid neighbour cache.
 */
public final class Gateway {
    /** 02:00:00:00:00:01, locally administered; see {@link NetworkOrder} for MAC addresses as {@code long}. */
    public static final long GATEWAY_MAC = 0x02_00_00_00_00_01L;

    /** 169.254.0.1: the next hop of guests that have no subnet of their own (RFC 3927 link-local). */
    public static final int GATEWAY_IPV4_LINK_LOCAL = 0xA9FE_0001;

    private Gateway() {}
}
