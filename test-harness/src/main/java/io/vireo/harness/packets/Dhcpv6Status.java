package io.vireo.harness.packets;

/**
 * A status code option (RFC 8415, 21.13).
 *
 * @param message for people
 */
public record Dhcpv6Status(int code, String message) {
    public static final int SUCCESS = 0;
    public static final int UNSPEC_FAIL = 1;
    public static final int NO_ADDRS_AVAIL = 2;
    public static final int NO_BINDING = 3;
    public static final int NOT_ON_LINK = 4;
    public static final int USE_MULTICAST = 5;
    public static final int NO_PREFIX_AVAIL = 6;
}
