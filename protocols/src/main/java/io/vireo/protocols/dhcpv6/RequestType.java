package io.vireo.protocols.dhcpv6;

import java.util.Arrays;
import java.util.Optional;

/** What clients send (RFC 8415 section 7.3), and which identifiers a valid message carries (section 16). */
enum RequestType {
    SOLICIT(1, Identifiers.CLIENT),
    REQUEST(3, Identifiers.CLIENT_AND_SERVER),
    CONFIRM(4, Identifiers.CLIENT),
    RENEW(5, Identifiers.CLIENT_AND_SERVER),
    REBIND(6, Identifiers.CLIENT),
    RELEASE(8, Identifiers.CLIENT_AND_SERVER),
    DECLINE(9, Identifiers.CLIENT_AND_SERVER),
    INFORMATION_REQUEST(11, Identifiers.ANY);

    /** Whom a message must name, and must not. */
    enum Identifiers {
        /** The client, and no server: the message is for all of them. */
        CLIENT,
        /** The client, and the one server it is for. */
        CLIENT_AND_SERVER,
        /** Either may be there. */
        ANY
    }

    private final int code;
    private final Identifiers identifiers;

    RequestType(int code, Identifiers identifiers) {
        this.code = code;
        this.identifiers = identifiers;
    }

    int code() {
        return code;
    }

    Identifiers identifiers() {
        return identifiers;
    }

    /** Empty for what servers and relay agents send, and for the types of later documents. */
    static Optional<RequestType> of(int code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }
}
