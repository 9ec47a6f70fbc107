package io.vireo.vsock.endpoint;

import java.util.Locale;

/** What an endpoint counts. */
@SuppressWarnings("EnumOrdinal") // the place in an array of longs is all that the number is for
public enum VsockCounter {
    /** Packets and payload bytes that the peer sent, and that were sent to it. */
    FROM_PEER_PACKETS,
    FROM_PEER_BYTES,
    TO_PEER_PACKETS,
    TO_PEER_BYTES,
    /** Connections that the peer asked for, and how many of them were not made. */
    REQUESTED,
    REFUSED,
    /** Refused as the peer has as many connections as it may have. */
    REFUSED_TOO_MANY,
    /** Connections that the peer was asked for. */
    CONNECTING,
    /** Not even asked for: another guest has as many connections with the peer as is its share. */
    REFUSED_SHARE,
    /** Connections that ended with a reset, by the peer, and by this side. */
    RESET_BY_PEER,
    RESET,
    /** Packets shorter than a header. */
    DROP_SHORT,
    /** Packets whose source is not the peer's own context, or whose context numbers have more than 32 bits. */
    DROP_SPOOFED_CID,
    /** Packets for no connection; answered with RST unless they are one. */
    DROP_NO_CONNECTION,
    /** Packets of an unknown type; answered with RST. */
    DROP_UNKNOWN_TYPE,
    /** Of a connection, which was reset for that: an operation that is unknown, or not possible in its state. */
    VIOLATION_OP,
    /** A length beyond the buffer. */
    VIOLATION_LENGTH,
    /** More than the credit given. */
    VIOLATION_CREDIT,
    /** A count of forwarded bytes that runs backwards, or ahead of what was sent. */
    VIOLATION_FWD_CNT,
    /** Resets of the device by the driver, and losses of its memory. */
    DEVICE_RESETS,
    MEMORY_LOST;

    private static final int COUNT = values().length;

    /** As it is shown: {@code from-peer-packets}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Its place in an endpoint's array. */
    int index() {
        return ordinal();
    }

    static int count() {
        return COUNT;
    }
}
