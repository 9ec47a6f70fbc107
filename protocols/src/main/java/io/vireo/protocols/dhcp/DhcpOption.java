package io.vireo.protocols.dhcp;

import java.util.Set;

/** Option codes (RFC 2132 unless said otherwise). Plain ints: unknown options pass through as they are. */
public final class DhcpOption {
    public static final int PAD = 0;
    public static final int SUBNET_MASK = 1;
    public static final int ROUTER = 3;
    public static final int DOMAIN_NAME_SERVER = 6;
    public static final int HOST_NAME = 12;
    public static final int DOMAIN_NAME = 15;
    public static final int INTERFACE_MTU = 26;
    public static final int BROADCAST_ADDRESS = 28;
    public static final int NTP_SERVERS = 42;
    public static final int REQUESTED_IP_ADDRESS = 50;
    public static final int IP_ADDRESS_LEASE_TIME = 51;
    public static final int OPTION_OVERLOAD = 52;
    public static final int DHCP_MESSAGE_TYPE = 53;
    public static final int SERVER_IDENTIFIER = 54;
    public static final int PARAMETER_REQUEST_LIST = 55;
    public static final int MESSAGE = 56;
    public static final int MAXIMUM_DHCP_MESSAGE_SIZE = 57;
    /** T1. */
    public static final int RENEWAL_TIME = 58;
    /** T2. */
    public static final int REBINDING_TIME = 59;

    public static final int CLIENT_IDENTIFIER = 61;
    public static final int TFTP_SERVER_NAME = 66;
    public static final int BOOTFILE_NAME = 67;
    /** RFC 4039. */
    public static final int RAPID_COMMIT = 80;
    /** RFC 3046. */
    public static final int RELAY_AGENT_INFORMATION = 82;
    /** RFC 3397. */
    public static final int DOMAIN_SEARCH = 119;
    /** RFC 3442. */
    public static final int CLASSLESS_STATIC_ROUTE = 121;
    /** The form of 121 before it had its number, which older Windows asks for ([MS-DHCPE]). */
    public static final int MICROSOFT_CLASSLESS_STATIC_ROUTE = 249;

    public static final int END = 255;

    /** What the server itself says with these, or clients alone use. */
    private static final Set<Integer> PROTOCOL = Set.of(
            REQUESTED_IP_ADDRESS,
            IP_ADDRESS_LEASE_TIME,
            OPTION_OVERLOAD,
            DHCP_MESSAGE_TYPE,
            SERVER_IDENTIFIER,
            PARAMETER_REQUEST_LIST,
            MAXIMUM_DHCP_MESSAGE_SIZE,
            RENEWAL_TIME,
            REBINDING_TIME,
            CLIENT_IDENTIFIER,
            RAPID_COMMIT,
            RELAY_AGENT_INFORMATION);

    private DhcpOption() {}

    /**
     * Checks that an option may be given a value by configuration.
     *
     * @throws IllegalArgumentException if it is none, or belongs to the protocol itself
     */
    public static void requireConfigurable(int code) {
        if (code <= PAD || code >= END) {
            throw new IllegalArgumentException("DHCP option %d is not within 1 to 254".formatted(code));
        }
        if (PROTOCOL.contains(code)) {
            throw new IllegalArgumentException(
                    "DHCP option %d belongs to the protocol and cannot be configured".formatted(code));
        }
    }
}
