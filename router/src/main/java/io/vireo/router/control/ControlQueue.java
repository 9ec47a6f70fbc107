package io.vireo.router.control;

import io.vireo.virtqueue.Features;

/**
 * What a driver may ask of a network device over the control virtqueue, and the state that this changes: how many queue pairs
 * are active, whether an announcement is owed, which offloads the guest takes. Confined to one thread.
 *
 * <p>A frontend that keeps the queue for itself never {@link #start}s it; then all queue pairs count as active, and what
 * says otherwise is whether their rings are enabled.
 */
public final class ControlQueue {
    static final int OK = 0;
    static final int ERROR = 1;

    private static final int CLASS = 0;
    private static final int COMMAND = 1;
    private static final int DATA = 2;

    private static final int RX = 0;
    private static final int RX_ALLMULTI = 1;
    private static final int RX_NOBCAST = 5;

    private static final int MAC = 1;
    private static final int MAC_TABLE_SET = 0;
    private static final int MAC_ADDR_SET = 1;
    private static final int MAC_LENGTH = 6;

    private static final int ANNOUNCE = 3;
    private static final int ANNOUNCE_ACK = 0;

    private static final int MULTIQUEUE = 4;
    private static final int VQ_PAIRS_SET = 0;

    private static final int GUEST_OFFLOADS = 5;
    private static final int GUEST_OFFLOADS_SET = 0;

    private final long mac;
    private final int maxPairs;
    private final long offloadBits;

    private boolean started;
    private long features;
    private int activePairs;
    private long guestOffloads;
    private boolean announcePending;
    private long refused;

    /**
     * @param mac the port's, the only one the guest may have
     * @param maxPairs queue pairs of the device: max_virtqueue_pairs, at least 1
     * @param offloadBits the features among those offered that say what the guest can be sent, whose bits are also those of
     *     the command that switches them (5.1.6.5.6.1)
     */
    public ControlQueue(long mac, int maxPairs, long offloadBits) {
        this.mac = mac;
        this.maxPairs = maxPairs;
        this.offloadBits = offloadBits;
        reset();
    }

    /** The device was reset, or its frontend left. */
    public void reset() {
        started = false;
        features = 0;
        activePairs = maxPairs;
        guestOffloads = 0;
        announcePending = false;
    }

    /**
     * The queue's ring was started. A ring that goes on, with other memory or descriptors, keeps what the driver has asked
     * for so far; one that begins does so with one active pair (5.1.6.5.5) and all offloads that were negotiated.
     *
     * @param negotiated the driver's features
     */
    public void start(long negotiated) {
        if (started && features == negotiated) {
            return;
        }
        reset();
        started = true;
        features = negotiated;
        activePairs = 1;
        guestOffloads = negotiated & offloadBits;
    }

    /** Queue pairs on which the guest may be sent frames, from the first on. */
    public int activePairs() {
        return activePairs;
    }

    /** What the guest takes, as feature bits, of those given: its features, or what it has made of them since. */
    public long guestOffloads(long negotiated) {
        return started ? guestOffloads : negotiated & offloadBits;
    }

    /** Whether the status in the configuration space is to say ANNOUNCE (5.1.4). */
    public boolean isAnnouncePending() {
        return announcePending;
    }

    /** Asks the guest to announce itself, if it can; the frontend must be told that the configuration space changed. */
    public boolean requestAnnouncement() {
        announcePending = has(Features.NET_GUEST_ANNOUNCE);
        return announcePending;
    }

    /** Commands that were answered with an error, or could not be answered. */
    public long refused() {
        return refused;
    }

    /**
     * Does what a command says and writes its status. One that leaves no room for a status is not done.
     *
     * @return how many bytes of the chain were written, for its used entry: 1 or 0
     */
    public int serve(ControlCommand command) {
        if (!command.hasStatus()) {
            refused++;
            return 0;
        }
        boolean done = command.isComplete() && command.length() >= DATA && execute(command);
        if (!done) {
            refused++;
        }
        command.answer(done ? OK : ERROR);
        return 1;
    }

    private boolean execute(ControlCommand command) {
        int code = command.u8(COMMAND);
        int data = command.length() - DATA;
        return switch (command.u8(CLASS)) {
            case RX -> data == 1 && setReceiveMode(code);
            case MAC ->
                switch (code) {
                    case MAC_TABLE_SET -> has(Features.NET_CTRL_RX) && isMacTable(command);
                    case MAC_ADDR_SET -> data == MAC_LENGTH && setMac(command.mac(DATA));
                    default -> false;
                };
            case ANNOUNCE -> code == ANNOUNCE_ACK && data == 0 && acknowledgeAnnouncement();
            case MULTIQUEUE -> code == VQ_PAIRS_SET && data == Short.BYTES && setPairs(command.u16(DATA));
            case GUEST_OFFLOADS -> code == GUEST_OFFLOADS_SET && data == Long.BYTES && setOffloads(command.u64(DATA));
            default -> false;
        };
    }

    /** 5.1.6.5.1; of no effect, as a guest gets what is addressed to it and nothing else. */
    private boolean setReceiveMode(int code) {
        if (code <= RX_ALLMULTI) {
            return has(Features.NET_CTRL_RX);
        }
        return code <= RX_NOBCAST && has(Features.NET_CTRL_RX_EXTRA);
    }

    /** 5.1.6.5.2: a table of unicast addresses, then one of multicast addresses, each with its count before it. */
    private static boolean isMacTable(ControlCommand command) {
        int length = command.length();
        long offset = DATA;
        for (int table = 0; table < 2; table++) {
            if (length - offset < Integer.BYTES) {
                return false;
            }
            long entries = command.u32((int) offset);
            offset += Integer.BYTES + entries * MAC_LENGTH;
        }
        return offset == length;
    }

    /** The address is the configuration's to choose; a guest that sent from another would not be heard. */
    private boolean setMac(long wanted) {
        return has(Features.NET_CTRL_MAC_ADDR) && wanted == mac;
    }

    private boolean acknowledgeAnnouncement() {
        if (!has(Features.NET_GUEST_ANNOUNCE)) {
            return false;
        }
        announcePending = false;
        return true;
    }

    private boolean setPairs(int pairs) {
        if (!has(Features.NET_MQ) || pairs < 1 || pairs > maxPairs) {
            return false;
        }
        activePairs = pairs;
        return true;
    }

    private boolean setOffloads(long offloads) {
        if (!has(Features.NET_CTRL_GUEST_OFFLOADS) || (offloads & ~(features & offloadBits)) != 0) {
            return false;
        }
        guestOffloads = offloads;
        return true;
    }

    private boolean has(long feature) {
        return started && (features & feature) != 0;
    }
}
