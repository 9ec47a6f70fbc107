package io.vireo.services.migtd;

/** What a relay counts. */
public enum MigTdCounter {
    /** Guests' connections that found the other side. */
    SESSIONS,
    /** Guests' connections without anybody on the other side, or beyond its sessions at a time. */
    GUESTS_REFUSED,
    /** Connections of the other side for which no guest came in time, or one too many. */
    PEERS_REFUSED,
    /** Sessions that ended because of what is no message. */
    PROTOCOL_ERRORS,
    MESSAGES_FROM_GUESTS,
    MESSAGES_TO_GUESTS,
    BYTES_FROM_GUESTS,
    BYTES_TO_GUESTS
}
