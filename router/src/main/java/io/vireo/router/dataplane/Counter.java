package io.vireo.router.dataplane;

import java.util.Locale;

/** What is counted for each port. {@code TX} is what the guest sent, {@code RX} what it was given. */
@SuppressWarnings("EnumOrdinal") // counters live in plain arrays: an EnumMap would box on the data path
public enum Counter {
    /** Frames taken from the guest, dropped ones included. */
    TX_FRAMES,
    TX_BYTES,
    /** Frames put into the guest's buffers. */
    RX_FRAMES,
    RX_BYTES,

    /** Frames that had to wait for receive buffers, or for the guest's rate; they are counted in RX_FRAMES when they got one. */
    RX_BACKLOGGED,
    /** Frames whose checksum was completed for the guest, which did not negotiate to do that itself. */
    RX_CHECKSUMMED,
    /** Super-frames that were cut for the guest; each segment counts in RX_FRAMES. */
    RX_SEGMENTED,
    /** Interrupts sent to the guest, for either ring. */
    INTERRUPTS,

    /** Times that frames began to wait in the guest's transmit ring, as it had sent what its rate allows. */
    TX_PAUSED,
    /** Times that frames for the guest began to wait, as it had been given what its rate allows. */
    RX_PAUSED,

    ARP_ANSWERED,
    /** Neighbour solicitations for the gateway, probes for its addresses included. */
    NDP_ANSWERED,
    ECHO_ANSWERED,
    /** ICMP and ICMPv6 errors that the guest's packets caused; each packet is counted with why it was dropped. */
    ICMP_ERRORS,
    /** Errors that were due, and not sent as the guest had caused too many. */
    ICMP_ERRORS_LIMITED,
    /** Frames handed to the address service. */
    PUNTED,
    /** Times that the guest's network had no address or prefix left for it. */
    ADDRESSES_EXHAUSTED,

    /** Shorter than its headers, or than its own lengths say. */
    TX_DROP_TRUNCATED,
    /** Longer than the port's MTU; of a super-frame, each segment. */
    TX_DROP_OVERSIZED,
    /** The virtio-net header asks for an offload that was not negotiated, or for what is not true of the frame. */
    TX_DROP_OFFLOAD,
    /** The transmit ring is started but not enabled. */
    TX_DROP_DISABLED,
    TX_DROP_SPOOFED_MAC,
    TX_DROP_SPOOFED_IPV4,
    TX_DROP_SPOOFED_IPV6,
    /** To a unicast MAC that is not the gateway's. */
    TX_DROP_FOREIGN_MAC,
    /** Broadcast and multicast do not pass between guests. */
    TX_DROP_BROADCAST,
    /** An EtherType that is not served. */
    TX_DROP_ETHERTYPE,
    /** ARP that deserves no answer: announcements, replies, unknown targets. */
    TX_DROP_ARP_UNANSWERED,
    /** ARP that is not Ethernet and IPv4. */
    TX_DROP_ARP_MALFORMED,
    TX_DROP_IPV4_MALFORMED,
    TX_DROP_IPV4_CHECKSUM,
    TX_DROP_IPV6_MALFORMED,
    /** IPv6 with so many or such long extension headers that what it carries is not seen. */
    TX_DROP_IPV6_HEADERS,
    /** A solicitation that the rules of neighbour discovery have ignored. */
    TX_DROP_NDP_MALFORMED,
    /** A neighbour solicitation for another address than the gateway's: resolution, or a probe for the guest's own. */
    TX_DROP_NDP_UNANSWERED,
    /** An advertisement or a redirect, which no guest may send. */
    TX_DROP_NDP_ROGUE,
    /** Multicast listeners' reports: heard, and of no use, as no multicast is forwarded. */
    TX_DROP_MLD,
    /** No hop is left, in a network that counts them. */
    TX_DROP_TTL_EXPIRED,
    /** To the gateway itself, which serves no such thing. */
    TX_DROP_NOT_SERVED,
    /** No guest of the network has the destination address, and no route leads there. */
    TX_DROP_NO_ROUTE,
    /** A route leads nowhere on purpose. */
    TX_DROP_BLACKHOLE,
    /** Longer than the receiver's MTU. */
    TX_DROP_MTU,
    /** The same, though its sender allows fragmentation, which is not done. */
    TX_DROP_FRAGMENTABLE,
    /** The device that leads to the host is gone, or down. */
    TX_DROP_UPLINK_DOWN,
    /** The host takes frames more slowly than its backlog lasts. */
    TX_DROP_UPLINK_FULL,
    /** The host's kernel refused the packet. */
    TX_DROP_UPLINK_REFUSED,
    /** Too many frames are on their way to the reactor that serves the receiver. */
    TX_DROP_HANDOVER_FULL,
    /** The address service's queue, or the guest's share of it, is full. */
    TX_DROP_PUNT_FULL,

    /** The guest is not connected, or its receive ring does not run. */
    RX_DROP_NOT_READY,
    /** The guest posted no receive buffers for longer than its backlog lasts. */
    RX_DROP_BACKLOG_FULL,
    /** The guest was sent more than its rate allows for longer than its backlog lasts. */
    RX_DROP_RATE,
    /** The receive buffer is too small, and buffers cannot be merged. */
    RX_DROP_BUFFER_TOO_SMALL,
    /** Waiting frames of a guest that was reset. */
    RX_DROP_RESET;

    private static final Counter[] ALL = values();

    /** As it is printed: {@code tx-drop-no-route}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Its value among those of {@link NetPort#countersCopy}. */
    public long in(long[] counters) {
        return counters[ordinal()];
    }

    /** Its place in a port's array. */
    int index() {
        return ordinal();
    }

    static int count() {
        return ALL.length;
    }
}
