package io.vireo.router.dataplane;

import io.vireo.linux.Doorbell;
import io.vireo.virtqueue.VirtioNetHeader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How the frames of a batch, once classified, get to their receivers: buffers are reserved, frames written, receivers shown
 * all at once. Until then nothing has happened that {@link #abandon} does not undo.
 */
final class Delivery {
    private final FrameBatch batch;
    private final SoftwareOffload offload;
    private final Peers peers;
    private final Uplink uplink;
    private final PortFaults faults;
    private final Doorbell doorbell;
    private final BufferWriter writer = new BufferWriter();

    /** Receivers with something reserved or appended in the batch under way. */
    private @Nullable Receiver[] touched = new Receiver[16];

    /** What each of them is lent; kept for later batches. */
    private @Nullable ReceiveBuffers[] lent = new ReceiveBuffers[16];

    private int touchedCount;

    /** Who sent the batch under way. */
    private @Nullable NetPort source;

    Delivery(
            FrameBatch batch,
            SoftwareOffload offload,
            Peers peers,
            Uplink uplink,
            PortFaults faults,
            Doorbell doorbell) {
        this.batch = batch;
        this.offload = offload;
        this.peers = peers;
        this.uplink = uplink;
        this.faults = faults;
        this.doorbell = doorbell;
    }

    /**
     * Moves the frames in order; those that are cut for their receivers interrupt the rest, which moves in stages.
     *
     * @param from who sent all of them, or null if they come from another reactor or from the host
     */
    void moveAll(@Nullable NetPort from, int count) {
        source = from;
        int next = 0;
        for (long left = batch.offloads; left != 0; left &= left - 1) {
            int frame = Long.numberOfTrailingZeros(left);
            NetPort target = batch.destination[frame];
            if (target != null) {
                OffloadHandling handling = handling(target, frame);
                if (handling.isSegmented()) {
                    move(next, frame);
                    segment(target, frame, handling);
                    next = frame + 1;
                }
            }
        }
        move(next, count);
    }

    /** What is done for a receiver here; for those of another reactor, which alone knows what they take, it is done there. */
    private OffloadHandling handling(NetPort target, int frame) {
        return peers.of(target) == null
                ? OffloadHandling.of(batch.request(frame), target.receiveFeatures())
                : OffloadHandling.WHOLE;
    }

    private void move(int first, int end) {
        reserve(first, end);
        copy(first, end);
    }

    /** Cuts a super-frame: each segment is a frame of its own, which has buffers, waits or is dropped. */
    private void segment(NetPort target, int frame, OffloadHandling handling) {
        target.count(Counter.RX_SEGMENTED);
        offload.beginSegments(batch.request(frame), handling, batch.chains, frame);
        batch.hash[FrameBatch.SEGMENT] = batch.hash[frame];
        for (int i = 0; i < offload.segments(); i++) {
            batch.length[FrameBatch.SEGMENT] = offload.bytes(i) - VirtioNetHeader.SIZE;
            if (reserve(target, FrameBatch.SEGMENT, offload.segments() - i)) {
                BufferWriter to = writerFor(target, FrameBatch.SEGMENT);
                int buffers = batch.buffers[FrameBatch.SEGMENT];
                offload.writeSegment(i, batch.slot(FrameBatch.SEGMENT), buffers, to);
            }
        }
    }

    private void reserve(int firstFrame, int end) {
        boolean alone = peers.areNone();
        int frame = firstFrame;
        while (frame < end) {
            NetPort target = batch.destination[frame];
            if (target == null) {
                frame++;
                continue;
            }
            PeerReactor peer = alone ? null : peers.of(target);
            boolean reserved = peer == null ? reserve(target, frame, end - frame) : handOver(peer, target, frame);
            if (!reserved) {
                batch.destination[frame] = null;
            }
            frame++;
            Receiver receiver = peer == null && target.takesRuns() ? target.receiver(FlowHash.NONE) : null;
            if (receiver != null && receiver.isInBatch() && receiver.backlog.isEmpty()) {
                frame = receiver.reserveRun(batch, frame, end);
            }
        }
    }

    /** The port belongs to another reactor: it is not to be touched here. */
    private boolean handOver(PeerReactor peer, NetPort target, int frame) {
        long address = peer.append(target, batch.hash[frame], VirtioNetHeader.SIZE + batch.length[frame]);
        if (address == PeerReactor.FULL) {
            if (source != null) {
                source.count(Counter.TX_DROP_HANDOVER_FULL);
            } else {
                uplink.count(UplinkCounter.IN_DROP_HANDOVER_FULL);
            }
            return false;
        }
        batch.buffers[frame] = 0;
        batch.target[frame] = address;
        return true;
    }

    private boolean reserve(NetPort target, int frame, int likely) {
        Receiver receiver = target.receiver(batch.hash[frame]);
        if (!receiver.isInBatch() && !join(receiver)) {
            target.count(Counter.RX_DROP_NOT_READY);
            return false;
        }
        int total = VirtioNetHeader.SIZE + batch.length[frame];
        int first = receiver.reserved();
        int result = receiver.backlog.isEmpty() ? receiver.reserve(total, likely) : Receiver.NO_BUFFERS;
        if (result == Receiver.BUFFER_TOO_SMALL) {
            target.count(Counter.RX_DROP_BUFFER_TOO_SMALL);
            return false;
        }
        batch.firstBuffer[frame] = first;
        batch.buffers[frame] = receiver.reserved() - first;
        if (result == Receiver.RESERVED) {
            batch.target[frame] = receiver.addressOf(first, total);
            return true;
        }
        long address = receiver.backlog.append(total);
        if (address == Backlog.FULL) {
            receiver.countBacklogFull();
            return false;
        }
        target.count(Counter.RX_BACKLOGGED);
        target.wake();
        batch.target[frame] = address;
        return true;
    }

    /** Headers first, all of them: a copy that reads what was just written would wait for each. */
    private void copy(int firstFrame, int end) {
        for (int frame = firstFrame; frame < end; frame++) {
            NetPort target = batch.destination[frame];
            if (target != null && batch.hasOffload(frame)) {
                handOn(target, frame);
            } else {
                VirtioNetHeader.writePlain(batch.slot(frame), batch.buffers[frame]);
            }
        }
        for (int frame = firstFrame; frame < end; frame++) {
            NetPort target = batch.destination[frame];
            if (target == null) {
                continue;
            }
            if (batch.target[frame] == FrameBatch.SCATTERED) {
                batch.append(frame, writerFor(target, frame));
            } else {
                batch.write(frame, writer);
            }
        }
    }

    /** What the sender left to be done is left to the receiver, or done now. */
    private void handOn(NetPort target, int frame) {
        OffloadRequest request = batch.request(frame);
        if (handling(target, frame) == OffloadHandling.WHOLE) {
            request.writeHeader(batch.slot(frame), batch.buffers[frame]);
        } else {
            target.count(Counter.RX_CHECKSUMMED);
            offload.complete(batch, frame, batch.buffers[frame]);
        }
    }

    private BufferWriter writerFor(NetPort target, int frame) {
        return batch.buffers[frame] > 0
                ? writer.into(target.receiver(batch.hash[frame]).buffers(), batch.firstBuffer[frame])
                : writer.into(batch.target[frame]);
    }

    /** Has a receiver take part in the batch. @return false if it cannot receive */
    boolean join(Receiver receiver) {
        if (!receiver.port().canReceive(receiver)) {
            return false;
        }
        if (touchedCount == touched.length) { // until it has seen the widest batch
            touched = Arrays.copyOf(touched, 2 * touchedCount);
            lent = Arrays.copyOf(lent, 2 * touchedCount);
        }
        ReceiveBuffers buffers = lent[touchedCount];
        if (buffers == null) {
            buffers = new ReceiveBuffers();
            lent[touchedCount] = buffers;
        }
        buffers.clear();
        // In this order, as a late error may come between: who is rolled back knows to where, and who has a loan is
        // rolled back.
        receiver.mark();
        touched[touchedCount] = receiver;
        touchedCount++;
        receiver.begin(buffers);
        return true;
    }

    /** Shows all receivers of the batch what they got. */
    void deliver() {
        for (int i = 0; i < touchedCount; i++) {
            Receiver receiver = touched[i];
            if (receiver != null) {
                deliver(receiver);
            }
        }
        touchedCount = 0;
        source = null;
    }

    /** Receivers are shown their frames one by one: who lost its memory must not cost the others theirs. */
    private void deliver(Receiver receiver) {
        NetPort port = receiver.port();
        try {
            receiver.deliver(doorbell);
        } catch (InternalError e) {
            if (port == source || port.isMemoryIntact()) {
                throw e;
            }
            receiver.rollBack();
            faults.lose(port);
        }
        faults.breakIfFaulty(port);
    }

    /** Undoes what {@link #deliver} has not done. */
    void abandon() {
        for (int i = 0; i < touchedCount; i++) {
            Receiver receiver = touched[i];
            if (receiver != null) {
                receiver.rollBack();
            }
        }
        touchedCount = 0;
        source = null;
    }
}
