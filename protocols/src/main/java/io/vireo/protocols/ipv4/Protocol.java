package io.vireo.protocols.ipv4;

/** IP protocol numbers (IANA "Protocol Numbers"). Plain ints: unknown protocols pass through as they are. */
public final class Protocol {
    public static final int ICMP = 1;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int ICMPV6 = 58;

    private Protocol() {}
}
