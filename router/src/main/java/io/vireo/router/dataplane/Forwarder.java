package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.linux.Doorbell;
import io.vireo.virtqueue.Features;
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

    /** Whatever a sender may have negotiated. */
    private static final long TRANSMIT_OFFLOADS = Features.NET_CSUM
            | Features.NET_HOST_TSO4
            | Features.NET_HOST_TSO6
            | Features.NET_HOST_ECN
            | Features.NET_HOST_USO;

    private final FrameBatch batch;
    private final Classifier classifier;
    private final SlowPath slowPath;
    private final Doorbell doorbell;
    private final SoftwareOffload offload = new SoftwareOffload();
    private final BufferWriter writer = new BufferWriter();
    private final Peers peers = new Peers();
    private final ControlServer controlServer;

    /** Receivers with something reserved or appended in the batch under way. */
    private @Nullable Receiver[] touched = new Receiver[16];

    /** What each of them is lent; kept for later batches. */
    private @Nullable ReceiveBuffers[] lent = new ReceiveBuffers[16];

    private int touchedCount;
    private @Nullable NetPort source;
    /** The ring from which chains were taken. */
    private @Nullable DeviceRing taken;

    private int firstTaken;

    public Forwarder(FrameBatch batch, SlowPath slowPath, Doorbell doorbell) {
        this.batch = batch;
        this.slowPath = slowPath;
        this.doorbell = doorbell;
        controlServer = new ControlServer(doorbell);
        classifier = new Classifier(batch, slowPath, offload);
    }

    /** Names another reactor and the way to it; before the first frame. */
    public void connect(int reactor, PeerReactor peer) {
        peers.connect(reactor, peer);
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
        PortRings rings = port.rings();
        rings.grow();
        int moved = 0;
        for (int pair = 0; pair < rings.pairs(); pair++) {
            Receiver receiver = rings.receiver(pair);
            if (!receiver.backlog.isEmpty()) {
                moved += drain(receiver);
            }
            PortRing transmit = rings.transmit(pair);
            DeviceRing ring = transmit.ring();
            if (ring != null && !port.isBroken()) {
                moved += forward(port, transmit, ring);
            }
        }
        moved += serveControl(port, rings.control());
        breakIfFaulty(port);
        return moved;
    }

    private int serveControl(NetPort port, @Nullable PortRing control) {
        DeviceRing ring = control == null ? null : control.ring();
        if (control == null || ring == null || port.isBroken()) {
            return 0;
        }
        taken = ring;
        firstTaken = ring.position();
        int served = controlServer.serve(port, control, ring, batch.chains);
        taken = null;
        return served;
    }

    private int forward(NetPort from, PortRing transmit, DeviceRing ring) {
        source = from;
        taken = ring;
        firstTaken = ring.position();
        int count = ring.take(batch.chains, FrameBatch.MAX_FRAMES);
        if (count > 0) {
            batch.readHeaders((from.transmitFeatures() & TRANSMIT_OFFLOADS) == 0);
            if (transmit.isEnabled()) {
                count = classify(from, ring, count);
                moveAll(count);
                deliver();
                peers.publish();
            } else {
                from.count(Counter.TX_DROP_DISABLED, count);
            }
            from.count(Counter.TX_FRAMES, count);
            ring.complete(batch.chains);
            batch.chains.clear();
            if (transmit.publish(doorbell)) {
                from.count(Counter.INTERRUPTS);
            }
        }
        source = null;
        taken = null;
        return count;
    }

    /** Classifies frames up to the budget of bytes, and gives the rest back. @return how many frames remain */
    private int classify(NetPort from, DeviceRing ring, int count) {
        long bytes = 0;
        int frame = 0;
        batch.offloads = 0;
        for (; frame < count && bytes < MAX_BYTES; frame++) {
            bytes += Math.max(batch.length[frame], 0);
            batch.hash[frame] = FlowHash.NONE;
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
            Receiver receiver = peer == null && target.pairs() == 1 ? target.receiver(FlowHash.NONE) : null;
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

    /**
     * Adds a frame that another reactor handed on to a port of this one to the batch of those that {@link #deliverReceived}
     * moves; there may be {@link FrameBatch#MAX_FRAMES}.
     *
     * @param address of the virtio-net header, in our own memory, where all of it stays until then
     * @param length virtio-net header and frame
     */
    public void receive(NetPort port, int hash, long address, int length) {
        batch.addOwn(port, hash, address, length);
    }

    /**
     * Gives the guests what {@link #receive} added, and begins anew.
     *
     * @throws InternalError if a guest's memory is gone; call {@link #memoryLost} then, and add all of them again
     */
    public void deliverReceived() {
        int count = batch.chains.count();
        batch.readHeaders(false);
        batch.offloads = 0;
        for (int frame = 0; frame < count; frame++) {
            if (!VirtioNetHeader.isPlain(batch.slot(frame)) && !batch.tryReadRequest(frame, TRANSMIT_OFFLOADS)) {
                throw new IllegalStateException("a request that the sending reactor accepted is not accepted here");
            }
        }
        moveAll(count);
        deliver();
        batch.chains.clear();
    }

    /** Gives a guest as much of a backlog as it has buffers for. */
    private int drain(Receiver receiver) {
        if (!join(receiver)) {
            return 0;
        }
        Backlog backlog = receiver.backlog;
        NetPort port = receiver.port();
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
        Receiver receiver = port.receiver(FlowHash.NONE);
        if (!port.canReceive(receiver)) {
            port.count(Counter.RX_DROP_NOT_READY);
            return;
        }
        long address = receiver.backlog.append(VirtioNetHeader.SIZE + frame.length);
        if (address == Backlog.FULL) {
            port.count(Counter.RX_DROP_BACKLOG_FULL);
            return;
        }
        VirtioNetHeader.writePlain(address, 0);
        MemorySegment.copy(
                frame, 0, HostMemory.ALL, ValueLayout.JAVA_BYTE, address + VirtioNetHeader.SIZE, frame.length);
        port.wake();
    }

    /** Has a receiver take part in the batch. @return false if it cannot receive */
    private boolean join(Receiver receiver) {
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

    private void deliver() {
        for (int i = 0; i < touchedCount; i++) {
            Receiver receiver = touched[i];
            if (receiver != null) {
                deliver(receiver);
            }
        }
        touchedCount = 0;
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
            Receiver receiver = touched[i];
            if (receiver != null) {
                receiver.rollBack();
            }
        }
        touchedCount = 0;
        batch.chains.clear();
        peers.abandon();
        if (taken != null) {
            taken.rewind(firstTaken);
        }
        source = null;
        taken = null;
    }
}
