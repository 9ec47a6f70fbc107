package io.vireo.harness.packets;

import java.util.Optional;

/** What a DHCP server may answer (option 53; RFC 2132, 9.6). */
public enum DhcpMessageType {
    OFFER(2),
    ACK(5),
    NAK(6);

    private final int code;

    DhcpMessageType(int code) {
        this.code = code;
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
