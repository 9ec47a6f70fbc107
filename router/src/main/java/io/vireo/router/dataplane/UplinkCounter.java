package io.vireo.router.dataplane;

import java.util.Locale;

/** What each reactor counts of the uplink. {@code OUT} is to the host, {@code IN} from it. */
@SuppressWarnings("EnumOrdinal") // as in Counter
public enum UplinkCounter {
    /** Packets that the host has taken; datagrams that travelled together count one by one. */
    OUT_PACKETS,
    OUT_BYTES,
    /** Datagrams that travelled together with others of their flow. */
    OUT_MERGED,
    /** Packets that were copied, as the host did not take them at once or not as they were. */
    OUT_BACKLOGGED,
    /** Waiting packets that the host refused in the end, or whose device is gone. */
    OUT_DROP_REFUSED,

    /** Packets read, dropped ones included. */
    IN_PACKETS,
    IN_BYTES,
    /** No IP packet, or one that is not what its header says. */
    IN_DROP_MALFORMED,
    /** What is left to be done to it is not true of the packet. */
    IN_DROP_OFFLOAD,
    /** To a group or to all: the host's own solicitations and reports, mostly. */
    IN_DROP_MULTICAST,
    /** From or to addresses that are not routed: link-local ones. */
    IN_DROP_LINK_LOCAL,
    /** From an address that the guest's network has no route to by the uplink (RFC 3704, 2.2). */
    IN_DROP_SPOOFED,
    /** To no guest. */
    IN_DROP_NO_ROUTE,
    IN_DROP_TTL_EXPIRED,
    /** Longer than the guest's MTU, of which the host's route tells. */
    IN_DROP_MTU,
    /** Too many frames are on their way to the reactor that serves the guest. */
    IN_DROP_HANDOVER_FULL,
    /** Read, and kept from its guest by a failure of our own, or by the end of the queue that it was read from. */
    IN_DROP_LOST;

    private static final UplinkCounter[] ALL = values();

    /** As it is printed: {@code in-drop-no-route}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Its value among those of {@link Uplink#countersCopy}. */
    public long in(long[] counters) {
        return counters[ordinal()];
    }

    int index() {
        return ordinal();
    }

    static int count() {
        return ALL.length;
    }
}
