package io.vireo.vsock.host;

import java.util.Locale;

/** What happens at the Unix sockets through which programs of the host and a guest reach each other. */
@SuppressWarnings("EnumOrdinal") // the place in an array of longs is all that the number is for
public enum HybridCounter {
    /** Programs of the host that connected, and how many of them were connected to the guest. */
    HOST_ACCEPTED,
    HOST_CONNECTED,
    /** First lines that are not {@code CONNECT} and a port, or that end before they are complete. */
    LINE_MALFORMED,
    /** First lines that took too long. */
    LINE_TOO_SLOW,
    /** Connections to a port of the guest where nobody listens, or that it did not answer in time. */
    GUEST_REFUSED,
    /** Connections of the guest to ports of the host, and those where no program listens or that may not be reached. */
    GUEST_CONNECTED,
    HOST_REFUSED,
    /** Connections that a program of the host left without having read everything. */
    HOST_RESET,
    /** System calls that failed as nobody expected: for want of descriptors or memory. */
    SYSTEM_FAILURE;

    private static final int COUNT = values().length;

    /** As it is shown: {@code host-accepted}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    int index() {
        return ordinal();
    }

    static int count() {
        return COUNT;
    }
}
