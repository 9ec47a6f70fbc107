package io.vireo.protocols.dhcpv6;

/** Option codes (RFC 8415 section 21 unless said otherwise). Plain ints: unknown options pass through as they are. */
final class Dhcpv6OptionCode {
    static final int CLIENT_IDENTIFIER = 1;
    static final int SERVER_IDENTIFIER = 2;
    static final int IA_NA = 3;
    static final int IA_TA = 4;
    static final int IA_ADDRESS = 5;
    static final int OPTION_REQUEST = 6;
    static final int PREFERENCE = 7;
    static final int ELAPSED_TIME = 8;
    static final int RELAY_MESSAGE = 9;
    static final int AUTHENTICATION = 11;
    static final int STATUS_CODE = 13;
    static final int RAPID_COMMIT = 14;
    static final int USER_CLASS = 15;
    static final int RECONFIGURE_ACCEPT = 20;
    /** RFC 3646. */
    static final int DNS_SERVERS = 23;
    /** RFC 3646. */
    static final int DOMAIN_LIST = 24;

    static final int IA_PD = 25;
    static final int IA_PREFIX = 26;
    /** RFC 4075. */
    static final int SNTP_SERVERS = 31;

    static final int INFORMATION_REFRESH_TIME = 32;
    /** RFC 5908. */
    static final int NTP_SERVER = 56;

    static final int SOL_MAX_RT = 82;
    static final int INF_MAX_RT = 83;

    private Dhcpv6OptionCode() {}
}
