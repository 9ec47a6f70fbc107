package io.vireo.services.vcomlink;

/** What the agent counts, of all guests together. */
public enum VcomLinkCounter {
    /** What guests sent, malformed ones included. */
    PACKETS,
    /** Packets that were answered with what they asked for. */
    ANSWERED,
    /** Connections that ended with an error packet: it was malformed, could not be answered, or did not come in time. */
    REFUSED,
    /** Error packets of guests. */
    ERRORS_RECEIVED
}
