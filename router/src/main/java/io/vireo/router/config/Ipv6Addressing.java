package io.vireo.router.config;

/** How the guests of a network come by their IPv6 addresses. In both, nothing is a neighbour but the gateway. */
public enum Ipv6Addressing {
    /** Each guest has a /64 to itself and makes addresses of it (RFC 4862, RFC 8273); DHCPv6 gives one out of it too. */
    SLAAC,
    /** Each guest has one address, by DHCPv6 alone (RFC 8415). */
    DHCPV6
}
