package io.vireo.router.reactor;

import io.vireo.router.dataplane.Forwarder;
import io.vireo.router.dataplane.FrameBatch;
import java.util.Arrays;

/** The receiving end of every hand-over to one reactor. Confined to its thread. */
final class Arrivals {
    /** Frames taken of one hand-over before guests are shown them. */
    static final int BATCH = FrameBatch.MAX_FRAMES;

    private final Forwarder forwarder;
    private final Handover.Receiver receiver;
    private Handover[] handovers = new Handover[0];

    /** @param receiver is given each frame, and passes it to the forwarder */
    Arrivals(Forwarder forwarder, Handover.Receiver receiver) {
        this.forwarder = forwarder;
        this.receiver = receiver;
    }

    void add(Handover handover) {
        handovers = Arrays.copyOf(handovers, handovers.length + 1);
        handovers[handovers.length - 1] = handover;
    }

    /** Whether other reactors have frames for this one at all. */
    boolean arePossible() {
        return handovers.length > 0;
    }

    /** Whether frames wait. The last question before a reactor sleeps. */
    boolean arePending() {
        for (Handover handover : handovers) {
            if (handover.isPending()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Takes a batch of each hand-over, and shows the guests their frames. After an InternalError the frames come again, as
     * some of them were for other guests than the one whose memory is gone; after a failure of our own they do not.
     *
     * @return how many frames
     */
    int take() {
        int taken = 0;
        for (Handover handover : handovers) {
            taken += take(handover);
        }
        return taken;
    }

    private int take(Handover handover) {
        try {
            int taken = handover.poll(receiver, BATCH);
            if (taken > 0) {
                forwarder.deliverReceived();
            }
            handover.release();
            return taken;
        } catch (RuntimeException e) {
            handover.release();
            throw e;
        }
    }
}
