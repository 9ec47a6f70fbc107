package io.vireo.harness.packets;

import java.util.Optional;

/** What a DHCP message is (option 53; RFC 2132, 9.6). */
public enum DhcpMessageType {
    DISCOVER(1),
    OFFER(2),
    REQUEST(3),
    DECLINE(4),
    ACK(5),
    NAK(6),
    RELEASE(7),
    INFORM(8);

    private final int code;

    DhcpMessageType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** Whether a server may say it. */
    boolean isAnswer() {
        return this == OFFER || this == ACK || this == NAK;
    }

    static Optional<DhcpMessageType> ofCode(int code) {
        for (DhcpMessageType type : values()) {
            if (type.code == code) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
