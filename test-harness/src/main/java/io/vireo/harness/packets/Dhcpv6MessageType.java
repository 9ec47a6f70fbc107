package io.vireo.harness.packets;

import java.util.Optional;

/** What a DHCPv6 message is (RFC 8415, 7.3). */
public enum Dhcpv6MessageType {
    SOLICIT(1),
    ADVERTISE(2),
    REQUEST(3),
    CONFIRM(4),
    RENEW(5),
    REBIND(6),
    REPLY(7),
    RELEASE(8),
    DECLINE(9),
    RECONFIGURE(10),
    INFORMATION_REQUEST(11),
    RELAY_FORW(12),
    RELAY_REPL(13);

    private final int code;

    Dhcpv6MessageType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** The one of these that a server answers with; relays and reconfiguration are not a client's matter here. */
    static Optional<Dhcpv6MessageType> answerOfCode(int code) {
        if (code == ADVERTISE.code) {
            return Optional.of(ADVERTISE);
        }
        return code == REPLY.code ? Optional.of(REPLY) : Optional.empty();
    }
}
