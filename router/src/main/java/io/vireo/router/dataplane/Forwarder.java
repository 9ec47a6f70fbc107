package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.linux.Doorbell;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.RingFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The life of a batch: see the package's description. One for each reactor, confined to its thread. */
public final class Forwarder {
    /**
     * Bytes of one visit: with super-frames, 64 chains can be 4 MiB, for which other ports would wait. The frame that exceeds
     * it is still forwarded.
     */
    static final int MAX_BYTES = 1 << 18;

    private final FrameBatch batch;
    private final Classifier classifier;
    private final SlowPath slowPath;
    private final Doorbell doorbell;
    private final SoftwareOffload offload = new SoftwareOffload();
    private final BufferWriter writer = new BufferWriter();

    /** Ports with something reserved or appended in the batch under way. */
    private @Nullable NetPort[] touched = new NetPort[16];

    /** What each of them is lent; kept for later batches. */
    private @Nullable ReceiveBuffers[] lent = new ReceiveBuffers[16];

    private int touchedCount;
    private @Nullable NetPort source;
    private int firstTaken;

    public Forwarder(FrameBatch batch, SlowPath slowPath, Doorbell doorbell) {
        this.batch = batch;
        this.slowPath = slowPath;
        this.doorbell = doorbell;
        classifier = new Classifier(batch, slowPath, offload);
    }

    /**
     * Visits a port: gives it what waits for it, and forwards one batch of what it sends.
     *
     * @return how many frames moved
     * @throws InternalError if a frontend took away memory that was touched; call {@link #memoryLost} then
     */
    public int visit(NetPort port) {
        if (port.isBroken()) {
            return 0;
        }
        int moved = port.receiver().backlog.isEmpty() ? 0 : drain(port);
        DeviceRing ring = port.transmitRing();
        if (ring != null && !port.isBroken()) {
            moved += forward(port, ring);
        }
        breakIfFaulty(port);
        return moved;
    }

    private int forward(NetPort from, DeviceRing ring) {
        source = from;
        firstTaken = ring.position();
        batch.chains.clear();
        int count = ring.take(batch.chains, FrameBatch.MAX_FRAMES);
        if (count > 0) {
            batch.readHeaders();
            if (from.isTransmitEnabled()) {
                count = classify(from, ring, count);
                moveAll(count);
                deliver();
            } else {
                from.count(Counter.TX_DROP_DISABLED, count);
            }
            from.count(Counter.TX_FRAMES, count);
            from.completeTransmitted(batch.chains, doorbell);
        }
        source = null;
        return count;
    }

    /** Classifies frames up to the budget of bytes, and gives the rest back. @return how many frames remain */
    private int classify(NetPort from, DeviceRing ring, int count) {
        long bytes = 0;
        int frame = 0;
        batch.offloads = 0;
        for (; frame < count && bytes < MAX_BYTES; frame++) {
            bytes += Math.max(batch.length[frame], 0);
            NetPort target = batch.visible[frame] < ExpressLane.HEADERS
                    ? null
                    : ExpressLane.find(from, batch.slot(frame), batch.length[frame]);
            batch.destination[frame] = target == null ? classifier.classify(from, frame) : target;
        }
        if (frame < count) {
            ring.rewind(batch.chains.position[frame]);
            batch.chains.truncate(frame);
        }
        from.count(Counter.TX_BYTES, bytes);
        return frame;
    }

    /** Moves the frames in order; those that are cut for their receivers interrupt the rest, which moves in stages. */
    private void moveAll(int count) {
        int next = 0;
        for (long left = batch.offloads; left != 0; left &= left - 1) {
            int frame = Long.numberOfTrailingZeros(left);
            NetPort target = batch.destination[frame];
            if (target != null) {
                OffloadHandling handling = OffloadHandling.of(batch.request(frame), target.receiveFeatures());
                if (handling.isSegmented()) {
                    move(next, frame);
                    segment(target, frame, handling);
                    next = frame + 1;
                }
            }
        }
        move(next, count);
    }

    private void move(int first, int end) {
        reserve(first, end);
        copy(first, end);
    }

    /** Cuts a super-frame: each segment is a frame of its own, which has buffers, waits or is dropped. */
    private void segment(NetPort target, int frame, OffloadHandling handling) {
        target.count(Counter.RX_SEGMENTED);
        offload.beginSegments(batch.request(frame), handling, batch.chains, frame);
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
        int frame = firstFrame;
        while (frame < end) {
            NetPort target = batch.destination[frame];
            if (target == null) {
                frame++;
                continue;
            }
            if (!reserve(target, frame, end - frame)) {
                batch.destination[frame] = null;
            }
            frame++;
            Receiver receiver = target.receiver();
            if (receiver.isInBatch() && receiver.backlog.isEmpty()) {
                frame = receiver.reserveRun(batch, frame, end);
            }
        }
    }

    private boolean reserve(NetPort target, int frame, int likely) {
        Receiver receiver = target.receiver();
        if (!receiver.isInBatch() && !join(target)) {
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
            target.count(Counter.RX_DROP_BACKLOG_FULL);
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
        if (OffloadHandling.of(request, target.receiveFeatures()) == OffloadHandling.WHOLE) {
            request.writeHeader(batch.slot(frame), batch.buffers[frame]);
        } else {
            target.count(Counter.RX_CHECKSUMMED);
            offload.complete(batch, frame, batch.buffers[frame]);
        }
    }

    private BufferWriter writerFor(NetPort target, int frame) {
        return batch.buffers[frame] > 0
                ? writer.into(target.receiver().buffers(), batch.firstBuffer[frame])
                : writer.into(batch.target[frame]);
    }

    /** Gives a port as much of its backlog as it has buffers for. */
    private int drain(NetPort port) {
        if (!join(port)) {
            return 0;
        }
        Receiver receiver = port.receiver();
        Backlog backlog = receiver.backlog;
        int moved = 0;
        while (!backlog.isEmpty()) {
            int first = receiver.reserved();
            int result = receiver.reserve(backlog.firstLength(), backlog.size());
            if (result == Receiver.NO_BUFFERS) {
                break;
            }
            if (result == Receiver.RESERVED) {
                VirtioNetHeader.buffers(backlog.firstAddress(), receiver.reserved() - first);
                writer.into(receiver.buffers(), first).write(backlog.firstAddress(), backlog.firstLength());
            } else {
                port.count(Counter.RX_DROP_BUFFER_TOO_SMALL);
            }
            backlog.removeFirst();
            moved++;
        }
        deliver();
        return moved;
    }

    /**
     * Sends a frame of our own to a guest, through its backlog so that it keeps its place.
     *
     * @param frame from the Ethernet header on; not kept
     */
    public void send(NetPort port, byte[] frame) {
        if (!port.canReceive()) {
            port.count(Counter.RX_DROP_NOT_READY);
            return;
        }
        long address = port.receiver().backlog.append(VirtioNetHeader.SIZE + frame.length);
        if (address == Backlog.FULL) {
            port.count(Counter.RX_DROP_BACKLOG_FULL);
            return;
        }
        VirtioNetHeader.writePlain(address, 0);
        MemorySegment.copy(
                frame, 0, HostMemory.ALL, ValueLayout.JAVA_BYTE, address + VirtioNetHeader.SIZE, frame.length);
        port.wake();
    }

    /** Has a port take part in the batch as a receiver. @return false if it cannot receive */
    private boolean join(NetPort port) {
        if (!port.canReceive()) {
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
        touched[touchedCount++] = port;
        port.receiver().begin(buffers);
        return true;
    }

    private void deliver() {
        for (int i = 0; i < touchedCount; i++) {
            NetPort port = touched[i];
            if (port != null) {
                deliver(port);
            }
        }
        touchedCount = 0;
    }

    /** Receivers are shown their frames one by one: who lost its memory must not cost the others theirs. */
    private void deliver(NetPort port) {
        try {
            port.receiver().deliver(doorbell);
        } catch (InternalError e) {
            if (port == source || port.isMemoryIntact()) {
                throw e;
            }
            port.receiver().rollBack();
            lose(port);
        }
        breakIfFaulty(port);
    }

    private void breakIfFaulty(NetPort port) {
        RingFault fault = port.fault();
        if (fault != null && !port.isBroken()) {
            port.breakDown(doorbell);
            slowPath.portBroken(port, fault);
        }
    }

    /**
     * Cleans up after an {@link InternalError}: nothing of the batch under way has happened, and the ports whose memory is
     * gone are broken.
     *
     * @param ports all ports of this reactor
     * @return whether such a port was found; if not, the error was about something else
     */
    public boolean memoryLost(Iterable<NetPort> ports) {
        abandonBatch();
        boolean found = false;
        for (NetPort port : ports) {
            // A broken port counts too: what was read instead may have broken it before the error was delivered.
            if (!port.isMemoryLossKnown() && !port.isMemoryIntact()) {
                found = true;
                lose(port);
            }
        }
        return found;
    }

    private void lose(NetPort port) {
        port.noteMemoryLoss();
        port.breakDown(doorbell);
        slowPath.portBroken(port, RingFault.MEMORY_LOST);
    }

    /** Stops serving a port in whose visit something of our own failed. */
    public void isolate(NetPort port) {
        abandonBatch();
        port.breakDown(doorbell);
    }

    private void abandonBatch() {
        for (int i = 0; i < touchedCount; i++) {
            NetPort port = touched[i];
            if (port != null) {
                port.receiver().rollBack();
            }
        }
        touchedCount = 0;
        DeviceRing ring = source == null ? null : source.transmitRing();
        if (ring != null) {
            ring.rewind(firstTaken);
        }
        source = null;
    }
}
