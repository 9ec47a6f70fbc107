package io.vireo.protocols.ethernet;

/** EtherType values (IANA "IEEE 802 Numbers"). Plain ints: unknown types pass through as they are. */
public final class EtherType {
    public static final int IPV4 = 0x0800;
    public static final int ARP = 0x0806;
    public static final int VLAN = 0x8100;
    public static final int IPV6 = 0x86DD;

    private EtherType() {}
}
