package io.vireo.protocols.dhcp;

/** Option codes (RFC 2132 unless said otherwise). Plain ints: unknown options pass through as they are. */
public final class DhcpOption {
    public static final int PAD = 0;
    public static final int SUBNET_MASK = 1;
    public static final int ROUTER = 3;
    public static final int DOMAIN_NAME_SERVER = 6;
    public static final int HOST_NAME = 12;
    public static final int INTERFACE_MTU = 26;
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
    /** RFC 3442. */
    public static final int CLASSLESS_STATIC_ROUTE = 121;

    /** RFC 3046. */
    public static final int RELAY_AGENT_INFORMATION = 82;

    public static final int END = 255;

    private DhcpOption() {}

    /**
     * Returns the code if somebody's configuration may say what the option holds.
     *
     * @throws IllegalArgumentException if it is none, or the protocol itself says it
     */
    public static int requireConfigurable(int code) {
        if (code <= PAD || code >= END) {
            throw new IllegalArgumentException("option code %d is not within 1 to 254".formatted(code));
        }
        boolean own = (code >= REQUESTED_IP_ADDRESS && code <= SERVER_IDENTIFIER)
                || (code >= MAXIMUM_DHCP_MESSAGE_SIZE && code <= REBINDING_TIME)
                || code == CLIENT_IDENTIFIER
                || code == RELAY_AGENT_INFORMATION;
        if (own) {
            throw new IllegalArgumentException("option %d is the protocol's own".formatted(code));
        }
        return code;
    }
}
