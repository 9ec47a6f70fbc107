package io.vireo.protocols.dhcpv6;

/** What a guest can hold through DHCPv6: one of each. */
public enum Dhcpv6Resource {
    /** {@link Dhcpv6Binding#address()}. */
    ADDRESS,
    /** {@link Dhcpv6Binding#delegated()}. */
    PREFIX
}
