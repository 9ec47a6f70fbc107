package io.vireo.router.dataplane;

import io.vireo.linux.Doorbell;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import org.jspecify.annotations.Nullable;

/**
 * A port's receiving side: buffers are reserved for whole frames, filled by whoever sends, and shown to the guest once a
 * batch. What finds no buffers waits in the backlog.
 */
final class Receiver {
    static final int RESERVED = 0;
    /** The guest has posted too few buffers, or has been given what its rate allows; more may come. */
    static final int NO_BUFFERS = 1;
    /** No number of such buffers would do. */
    static final int BUFFER_TOO_SMALL = 2;

    final PortRing ring = new PortRing(Direction.WRITABLE);
    final Backlog backlog;

    private final NetPort port;
    /** Lent for the batch under way, else null. */
    private @Nullable ReceiveBuffers buffers;

    private long frames;
    private long bytes;
    private boolean mergeable;
    private boolean inUse;
    /** Whether it was the guest's rate, and not its buffers, for want of which the last frame had to wait. */
    private boolean heldByRate;

    /** Where the batch under way began, for {@link #rollBack}. */
    private int firstTaken;

    private int backlogEnd;

    Receiver(NetPort port, Backlog backlog) {
        this.port = port;
        this.backlog = backlog;
    }

    void start(RingSetup setup) {
        ring.start(setup);
        mergeable = setup.has(Features.NET_MRG_RXBUF);
        inUse = false;
    }

    NetPort port() {
        return port;
    }

    /** Whether the guest has posted buffers since the ring was started; between batches, not for the data path. */
    boolean isInUse() {
        DeviceRing served = ring.ring();
        if (!inUse && served != null) {
            inUse = !served.isEmpty();
        }
        return inUse;
    }

    /** Forgets what waits. */
    void dropBacklog(Counter reason) {
        port.count(reason, backlog.size());
        backlog.clear();
    }

    /** Counts a frame that finds no place behind those that wait. */
    void countBacklogFull() {
        port.count(heldByRate ? Counter.RX_DROP_RATE : Counter.RX_DROP_BACKLOG_FULL);
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

    boolean isInBatch() {
        return buffers != null;
    }

    /** Notes where a batch begins: before {@link #begin}, and before an error may have it rolled back. */
    void mark() {
        DeviceRing served = ring.ring();
        firstTaken = served == null ? 0 : served.position();
        backlogEnd = backlog.end();
    }

    /**
     * Takes part in a batch, until {@link #deliver} or {@link #rollBack}.
     *
     * @param lent empty
     */
    void begin(ReceiveBuffers lent) {
        buffers = lent;
    }

    /** The buffers of the batch under way. */
    DescriptorChains buffers() {
        return lent().chains;
    }

    /** How many of them are reserved: the number of the first one that the next frame gets. */
    int reserved() {
        return lent().reserved;
    }

    private ReceiveBuffers lent() {
        if (buffers == null) {
            throw new IllegalStateException("no batch is under way");
        }
        return buffers;
    }

    /**
     * Reserves one buffer of one segment for each frame of a run to this port, up to the first that needs more.
     *
     * @return the first frame for which nothing is reserved
     */
    int reserveRun(FrameBatch batch, int firstFrame, int end) {
        ReceiveBuffers lent = lent();
        DescriptorChains chains = lent.chains;
        int frame = firstFrame;
        int buffer = lent.reserved;
        int available = chains.count();
        long sum = 0;
        for (; frame < end && buffer < available && batch.destination[frame] == port; frame++, buffer++) {
            int total = VirtioNetHeader.SIZE + batch.length[frame];
            int segment = chains.firstSegment[buffer]; // without any bytes, that is another buffer's
            if (chains.bytes[buffer] < total || chains.length[segment] < total) {
                break;
            }
            lent.filled[buffer] = total;
            batch.firstBuffer[frame] = buffer;
            batch.buffers[frame] = 1;
            batch.target[frame] = chains.address[segment];
            sum += batch.length[frame];
        }
        frames += frame - firstFrame;
        bytes += sum;
        lent.reserved = buffer;
        return frame;
    }

    /**
     * Reserves the buffers for {@code total} bytes, virtio-net header included, or none. They are those from the number on
     * that {@link #reserved} was before.
     *
     * @param likely how many frames may want buffers in this batch: as many are taken at once
     */
    int reserve(int total, int likely) {
        RateLimiter limit = port.ingress();
        if (limit != null) {
            heldByRate = !limit.allows(bytes, frames);
            if (heldByRate) {
                limit.pause();
                return NO_BUFFERS;
            }
        }
        ReceiveBuffers lent = lent();
        DeviceRing served = ring.ring();
        DescriptorChains chains = lent.chains;
        int next = lent.reserved;
        long room = 0;
        while (room < total) {
            if (next > lent.reserved && !mergeable) {
                return BUFFER_TOO_SMALL;
            }
            if (next == chains.count() && (served == null || served.take(chains, likely) == 0)) {
                // As many buffers as a batch may have did not do: waiting for more would be for ever.
                boolean hopeless = lent.reserved == 0 && served != null && !chains.hasRoom(served.size());
                return hopeless ? BUFFER_TOO_SMALL : NO_BUFFERS;
            }
            int capacity = chains.bytes[next];
            lent.filled[next] = (int) Math.min(capacity, total - room);
            room += capacity;
            next++;
        }
        lent.reserved = next;
        frames++;
        bytes += total - VirtioNetHeader.SIZE;
        return RESERVED;
    }

    /** Where {@code total} bytes from the beginning of a buffer on are one piece, else {@link FrameBatch#SCATTERED}. */
    long addressOf(int buffer, int total) {
        DescriptorChains chains = lent().chains;
        int segment = chains.firstSegment[buffer];
        return chains.length[segment] < total ? FrameBatch.SCATTERED : chains.address[segment];
    }

    /** Shows the guest all that was written into reserved buffers. */
    void deliver(Doorbell doorbell) {
        ReceiveBuffers lent = lent();
        DeviceRing served = ring.ring();
        int count = lent.reserved;
        if (served != null && lent.chains.count() > count) {
            served.rewind(lent.chains.position[count]);
        }
        buffers = null;
        if (served == null) {
            return;
        }
        served.complete(lent.chains, count, lent.filled);
        port.count(Counter.RX_FRAMES, frames);
        port.count(Counter.RX_BYTES, bytes);
        RateLimiter limit = port.ingress();
        if (limit != null) {
            limit.take(bytes, frames);
        }
        frames = 0;
        bytes = 0;
        if (served.isPublicationDue() && ring.publish(doorbell)) {
            port.count(Counter.INTERRUPTS);
        }
    }

    /** Undoes what was not yet completed of a batch that failed; the rest is published with the next one. */
    void rollBack() {
        buffers = null;
        backlog.truncate(backlogEnd);
        DeviceRing served = ring.ring();
        if (served != null) {
            served.rewind(firstTaken);
        }
        frames = 0;
        bytes = 0;
    }
}
