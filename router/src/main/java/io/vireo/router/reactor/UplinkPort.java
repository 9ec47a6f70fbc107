package io.vireo.router.reactor;

import io.vireo.router.dataplane.Forwarder;
import io.vireo.router.dataplane.Uplink;
import io.vireo.router.uplink.UplinkQueue;
import java.util.function.IntConsumer;

/** A reactor's queue of the uplink's device, from the moment it gets it to the one it is of no use any more. */
final class UplinkPort {
    private final Uplink uplink;
    private final Forwarder forwarder;
    private final KickWatch kicks;
    private IntConsumer lost = errno -> {};

    UplinkPort(Uplink uplink, Forwarder forwarder, KickWatch kicks) {
        this.uplink = uplink;
        this.forwarder = forwarder;
        this.kicks = kicks;
    }

    /**
     * @param queue closed if this fails
     * @param whenLost told once, with an errno
     */
    void use(UplinkQueue queue, IntConsumer whenLost) {
        close();
        try {
            queue.start();
            kicks.watch(queue);
        } catch (RuntimeException e) {
            queue.close();
            throw e;
        }
        lost = whenLost;
        uplink.use(queue);
    }

    boolean isOpen() {
        return uplink.queue() != null;
    }

    /** Moves packets both ways. @return how many */
    int serve() {
        UplinkQueue queue = uplink.queue();
        if (queue == null) {
            return 0;
        }
        int moved = forwarder.serveUplink();
        int failure = queue.failure();
        if (failure != 0) {
            close();
            lost.accept(failure);
        }
        return moved;
    }

    /** Whether there is work: the last question before a reactor sleeps. */
    boolean isPending() {
        UplinkQueue queue = uplink.queue();
        return queue != null && (queue.mayHavePackets() || uplink.hasBacklog());
    }

    long[] countersCopy() {
        return uplink.countersCopy();
    }

    /** Lets go of the queue, if there is one. */
    void close() {
        UplinkQueue queue = uplink.queue();
        if (queue != null) {
            forwarder.dropReceived();
            kicks.unwatch(queue);
            uplink.use(null);
            queue.close();
        }
    }
}
