package io.vireo.router.dataplane;

import io.vireo.linux.Doorbell;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceRing;

/**
 * A port's receiving side: buffers are reserved for whole frames, filled by whoever sends, and shown to the guest once a
 * batch. What finds no buffers waits in the backlog.
 */
final class Receiver {
    static final int RESERVED = 0;
    /** The guest has posted too few buffers; more may come. */
    static final int NO_BUFFERS = 1;
    /** No number of such buffers would do. */
    static final int BUFFER_TOO_SMALL = 2;

    private static final int MAX_BUFFERS = 256;

    /** Buffers reserved in the batch under way. */
    final DescriptorChains buffers = new DescriptorChains(MAX_BUFFERS, MAX_BUFFERS + 3 * NetPort.MAX_QUEUE_SIZE);

    final PortRing ring = new PortRing(true);
    final Backlog backlog;

    private final NetPort port;
    /** How much of each reserved buffer is filled. */
    private final int[] filled = new int[MAX_BUFFERS];

    private long frames;
    private long bytes;
    private boolean mergeable;

    /** Where the batch under way began, for {@link #rollBack}. */
    private boolean touched;

    private int firstTaken;
    private int backlogEnd;

    Receiver(NetPort port, Backlog backlog) {
        this.port = port;
        this.backlog = backlog;
    }

    void start(RingSetup setup) {
        ring.start(setup);
        mergeable = setup.has(Features.NET_MRG_RXBUF);
    }

    boolean isReady() {
        return ring.isEnabled() && ring.ring() != null;
    }

    /** Asks for a kick if something waits. @return whether there are new buffers already, or no way to be told */
    boolean requestKicks() {
        DeviceRing served = ring.ring();
        if (served == null || !ring.isEnabled() || backlog.isEmpty()) {
            return false;
        }
        return served.requestKicksForMore() || ring.hasNoKick(); // for more: what is there was too little
    }

    /** Notes where the batch began, once. @return whether it was the first time in this batch */
    boolean touch() {
        if (touched) {
            return false;
        }
        DeviceRing served = ring.ring();
        touched = true;
        firstTaken = served == null ? 0 : served.position();
        backlogEnd = backlog.end();
        return true;
    }

    /**
     * Reserves the buffers for {@code total} bytes, virtio-net header included, or none. They are the last ones of {@link
     * #buffers}, from the number on that it had before.
     */
    int reserve(int total) {
        DeviceRing served = ring.ring();
        if (served == null) {
            return NO_BUFFERS;
        }
        int first = buffers.count();
        int position = served.position();
        long room = 0;
        while (room < total) {
            if (served.take(buffers, 1) == 0) {
                // As many buffers as a batch may have did not do: waiting for more would be for ever.
                boolean hopeless = first == 0 && !buffers.hasRoom(served.size());
                giveBack(served, first, position);
                return hopeless ? BUFFER_TOO_SMALL : NO_BUFFERS;
            }
            int buffer = buffers.count() - 1;
            int capacity = buffers.bytes[buffer];
            filled[buffer] = (int) Math.min(capacity, total - room);
            room += capacity;
            if (room < total && !mergeable) {
                giveBack(served, first, position);
                return BUFFER_TOO_SMALL;
            }
        }
        frames++;
        bytes += total - VirtioNetHeader.SIZE;
        return RESERVED;
    }

    private void giveBack(DeviceRing served, int first, int position) {
        buffers.truncate(first);
        served.rewind(position);
    }

    /** Shows the guest all that was written into reserved buffers. */
    void deliver(Doorbell doorbell) {
        touched = false;
        DeviceRing served = ring.ring();
        int count = buffers.count();
        if (count == 0 || served == null) {
            return;
        }
        firstTaken = served.position(); // what is given back must not be taken again by a roll-back
        served.complete(buffers, count, filled);
        port.count(Counter.RX_FRAMES, frames);
        port.count(Counter.RX_BYTES, bytes);
        forgetReservations();
        if (ring.publish(doorbell)) {
            port.count(Counter.INTERRUPTS);
        }
    }

    /** Undoes all of a batch that failed before it was delivered. */
    void rollBack() {
        touched = false;
        backlog.truncate(backlogEnd);
        DeviceRing served = ring.ring();
        if (served != null) {
            served.rewind(firstTaken);
        }
        forgetReservations();
    }

    private void forgetReservations() {
        buffers.clear();
        frames = 0;
        bytes = 0;
    }
}
