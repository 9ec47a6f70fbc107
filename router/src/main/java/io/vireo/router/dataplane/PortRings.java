package io.vireo.router.dataplane;

import io.vireo.linux.Doorbell;
import io.vireo.router.control.ControlQueue;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.device.RingFault;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All rings of a port, by the number of their virtqueue (virtio 1.3, 5.1.2), and on which of its receive queues the guest is
 * sent frames.
 *
 * <pre>
 *   with MQ      0 receive | 1 transmit | 2 receive | 3 transmit | ... | 2N control
 *   without      0 receive | 1 transmit | 2 control
 * </pre>
 *
 * <p>How many pairs are active is told in one of two ways. A frontend that hands over the control queue has us served with
 * the guest's own command. One that keeps it enables and disables rings, or lets all of them be enabled and says nothing;
 * then the guest has posted buffers on those alone that it uses.
 */
final class PortRings {
    private final Receiver[] receivers;
    private final Receiver first;
    private final PortRing[] transmit;
    private final PortRing control = new PortRing(Direction.BOTH);
    private final ControlQueue commands;

    /** What each number stands for since its ring was started, or null. */
    private final @Nullable PortRing[] byNumber;
    /** The same without gaps. */
    private PortRing[] served = new PortRing[0];

    private long features;
    private boolean multiqueue;
    private int activePairs = 1;
    /** Whether a pair that may be used was not when it was looked at last. */
    private boolean growing;

    PortRings(Receiver[] receivers, ControlQueue commands) {
        this.receivers = receivers;
        first = receivers[0];
        this.commands = commands;
        transmit = new PortRing[receivers.length];
        Arrays.setAll(transmit, pair -> new PortRing(Direction.READABLE));
        byNumber = new PortRing[2 * receivers.length + 1];
    }

    // ---- life of the rings

    /** Whether a ring has any meaning for what was negotiated: without MQ only the first three have. */
    boolean hasUse(RingSetup setup) {
        return setup.queue() <= 2 || setup.has(Features.NET_MQ);
    }

    void start(RingSetup setup) {
        int queue = setup.queue();
        features = setup.features();
        multiqueue = setup.has(Features.NET_MQ);
        if (queue == (multiqueue ? 2 * receivers.length : 2)) {
            byNumber[queue] = control;
            control.start(setup);
            commands.start(setup.features());
        } else if (queue % 2 == 0) {
            Receiver receiver = receivers[queue / 2];
            byNumber[queue] = receiver.ring;
            receiver.start(setup);
        } else {
            byNumber[queue] = transmit[queue / 2];
            transmit[queue / 2].start(setup);
        }
        listServed();
    }

    /** @return where the ring stood, or 0 if it was not served */
    int stop(int queue) {
        PortRing ring = byNumber[queue];
        if (ring == null) {
            return 0;
        }
        int next = ring.stop();
        byNumber[queue] = null;
        listServed();
        return next;
    }

    private void listServed() {
        served = Arrays.stream(byNumber).filter(Objects::nonNull).toArray(PortRing[]::new);
        countPairs();
    }

    void enable(int queue, boolean enabled) {
        PortRing ring = byNumber[queue];
        if (ring != null) {
            ring.enable(enabled);
            countPairs();
            closeUnused();
        }
    }

    @Nullable
    RingSetup setup(int queue) {
        PortRing ring = byNumber[queue];
        return ring == null ? null : ring.setup();
    }

    /** The guest is gone: what waits for it, and what it has asked for, is forgotten. */
    void reset() {
        for (Receiver receiver : receivers) {
            receiver.dropBacklog(Counter.RX_DROP_RESET);
        }
        commands.reset();
    }

    /** What the guest negotiated. */
    long features() {
        return features;
    }

    boolean isServed() {
        return served.length > 0;
    }

    // ---- the pairs

    int pairs() {
        return receivers.length;
    }

    PortRing transmit(int pair) {
        return transmit[pair];
    }

    Receiver receiver(int pair) {
        return receivers[pair];
    }

    /** The receiver of a flow. */
    Receiver receiverOf(int hash) {
        return activePairs == 1 ? first : receivers[FlowHash.queue(hash, activePairs)];
    }

    int activePairs() {
        return activePairs;
    }

    /** To be asked in each visit: takes up a pair whose guest has begun to use it. */
    void grow() {
        if (growing) {
            countPairs();
        }
    }

    private void countPairs() {
        int allowed = multiqueue ? commands.activePairs() : 1;
        int pairs = 1;
        while (pairs < allowed && receivers[pairs].isReady() && receivers[pairs].isInUse()) {
            pairs++;
        }
        growing = pairs < allowed && receivers[pairs].isReady();
        activePairs = pairs;
    }

    /** Drops what waits for queues that are closed: nothing may be put there any more (5.1.6.5.5.1). */
    private void closeUnused() {
        for (int pair = activePairs; pair < receivers.length; pair++) {
            receivers[pair].dropBacklog(Counter.RX_DROP_NOT_READY);
        }
    }

    // ---- the control queue

    /** The control queue's ring, or null while it is not served. */
    @Nullable
    PortRing control() {
        return control.ring() == null ? null : control;
    }

    ControlQueue commands() {
        return commands;
    }

    /** The guest has had commands done. */
    void commandsDone() {
        countPairs();
        closeUnused();
    }

    // ---- all of them

    void suppressKicks() {
        for (PortRing ring : served) {
            DeviceRing its = ring.ring();
            if (its != null) {
                its.suppressKicks();
            }
        }
    }

    /**
     * Asks the guest to kick, but not for what a limit leaves alone.
     *
     * @return whether there is work already, or no way to be kicked
     */
    boolean requestKicks(boolean transmitPaused, boolean receivePaused) {
        boolean work = requestKicks(control);
        for (int pair = 0; pair < transmit.length && !transmitPaused; pair++) {
            work |= requestKicks(transmit[pair]);
        }
        for (int pair = 0; pair < activePairs && !receivePaused; pair++) {
            work |= receivers[pair].requestKicks();
        }
        return work;
    }

    private static boolean requestKicks(PortRing ring) {
        DeviceRing its = ring.ring();
        return its != null && (its.requestKicks() || ring.hasNoKick());
    }

    /** The fault of any ring, or null. */
    @Nullable
    RingFault fault() {
        for (PortRing ring : served) {
            RingFault fault = ring.fault();
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    void ringErrors(Doorbell doorbell) {
        for (PortRing ring : served) {
            ring.ringError(doorbell);
        }
    }

    boolean isMemoryIntact() {
        for (PortRing ring : served) {
            if (!ring.isMemoryIntact()) {
                return false;
            }
        }
        return true;
    }
}
