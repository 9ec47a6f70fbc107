package io.vireo.protocols.dhcpv6;

/** Status codes (RFC 8415 section 21.13), with what a client may show its user. */
enum Dhcpv6Status {
    SUCCESS(0, ""),
    NO_ADDRS_AVAIL(2, "no address to lease"),
    NO_BINDING(3, "not leased to you"),
    NOT_ON_LINK(4, "not an address of this link"),
    USE_MULTICAST(5, "use multicast"),
    NO_PREFIX_AVAIL(6, "no prefix to delegate");

    private final int code;
    private final String text;

    Dhcpv6Status(int code, String text) {
        this.code = code;
        this.text = text;
    }

    int code() {
        return code;
    }

    String text() {
        return text;
    }
}
