package io.vireo.router.dataplane;

import io.vireo.linux.Doorbell;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.DeviceRing;
import java.util.function.LongSupplier;
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
    private final Doorbell doorbell;
    private final Peers peers = new Peers();
    private final PortFaults faults;
    private final Delivery delivery;
    private final ControlServer controlServer;
    private final UplinkSender uplinkSender;
    private final UplinkReceiver uplinkReceiver;
    /** For what waited; a batch's frames have the delivery's. */
    private final BufferWriter writer = new BufferWriter();

    /** The ring from which chains were taken. */
    private @Nullable DeviceRing taken;

    private int firstTaken;

    /** A forwarder without an uplink. */
    public Forwarder(FrameBatch batch, SlowPath slowPath, Doorbell doorbell) {
        this(batch, slowPath, doorbell, Uplink.none());
    }

    public Forwarder(FrameBatch batch, SlowPath slowPath, Doorbell doorbell, Uplink uplink) {
        this(batch, slowPath, doorbell, uplink, System::nanoTime);
    }

    /** @param clockNs as {@link System#nanoTime}; read for packets alone that an ICMP error is due about */
    Forwarder(FrameBatch batch, SlowPath slowPath, Doorbell doorbell, Uplink uplink, LongSupplier clockNs) {
        this.batch = batch;
        this.doorbell = doorbell;
        SoftwareOffload offload = new SoftwareOffload();
        classifier = new Classifier(batch, slowPath, offload, uplink, clockNs);
        controlServer = new ControlServer(doorbell);
        faults = new PortFaults(doorbell, slowPath);
        delivery = new Delivery(batch, offload, peers, uplink, faults, doorbell);
        uplinkSender = new UplinkSender(batch, uplink, offload);
        uplinkReceiver = new UplinkReceiver(uplink, TRANSMIT_OFFLOADS);
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
        int pairs = rings.pairs();
        int pair = port.firstPair();
        for (int i = 0; i < pairs; i++) {
            Receiver receiver = rings.receiver(pair);
            if (!receiver.backlog.isEmpty()) {
                moved += drain(receiver);
            }
            PortRing transmit = rings.transmit(pair);
            DeviceRing ring = transmit.ring();
            if (ring != null && !port.isBroken()) {
                RateLimiter limit = port.egress();
                moved += limit == null
                        ? forward(port, transmit, ring, FrameBatch.MAX_FRAMES, MAX_BYTES)
                        : forward(port, transmit, ring, limit);
            }
            pair = pair + 1 < pairs ? pair + 1 : 0;
        }
        moved += serveControl(port, rings.control());
        faults.breakIfFaulty(port);
        return moved;
    }

    /** Forwards what the guest's rate allows. */
    private int forward(NetPort from, PortRing transmit, DeviceRing ring, RateLimiter limit) {
        int frames = limit.frames(FrameBatch.MAX_FRAMES, MAX_BYTES);
        if (frames == 0 && !ring.isEmpty()) {
            limit.pause();
        }
        long before = from.counter(Counter.TX_BYTES);
        int moved = forward(from, transmit, ring, frames, limit.bytes(MAX_BYTES));
        limit.take(from.counter(Counter.TX_BYTES) - before, moved);
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

    private int forward(NetPort from, PortRing transmit, DeviceRing ring, int mostFrames, long mostBytes) {
        taken = ring;
        firstTaken = ring.position();
        int count = mostFrames == 0 ? 0 : ring.take(batch.chains, mostFrames);
        if (count > 0) {
            batch.readHeaders((from.transmitFeatures() & TRANSMIT_OFFLOADS) == 0);
            if (transmit.isEnabled()) {
                count = classify(from, ring, count, mostBytes);
                delivery.moveAll(from, count);
                delivery.deliver();
                peers.publish();
                if (batch.uplink != 0) {
                    uplinkSender.send(from);
                }
            } else {
                from.count(Counter.TX_DROP_DISABLED, count);
            }
            from.count(Counter.TX_FRAMES, count);
            ring.complete(batch.chains);
            batch.chains.clear();
        }
        if (ring.isPublicationDue() && transmit.publish(doorbell)) {
            from.count(Counter.INTERRUPTS);
        }
        taken = null;
        return count;
    }

    /** Classifies frames up to the budget of bytes, and gives the rest back. @return how many frames remain */
    private int classify(NetPort from, DeviceRing ring, int count, long mostBytes) {
        long bytes = 0;
        int frame = 0;
        batch.offloads = 0;
        batch.uplink = 0;
        for (; frame < count && bytes < mostBytes; frame++) {
            bytes += Math.max(batch.length[frame], 0);
            batch.hash[frame] = FlowHash.NONE;
            NetPort target = batch.visible[frame] < ExpressLane.HEADERS
                    ? null
                    : ExpressLane.find(from, batch.slot(frame), batch.length[frame]);
            if (target == null && batch.visible[frame] >= Ipv6ExpressLane.HEADERS) {
                target = Ipv6ExpressLane.find(from, batch.slot(frame), batch.length[frame]);
            }
            batch.destination[frame] = target == null ? classifier.classify(from, frame) : target;
        }
        if (frame < count) {
            ring.rewind(batch.chains.position[frame]);
            batch.chains.truncate(frame);
        }
        from.count(Counter.TX_BYTES, bytes);
        return frame;
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
        delivery.moveAll(null, count);
        delivery.deliver();
        batch.chains.clear();
    }

    /**
     * Gives the host what waits for it, and guests a batch of what the host has for them.
     *
     * @return how many packets moved
     * @throws InternalError if a guest's memory is gone; call {@link #memoryLost} then: what was read is delivered next time
     */
    public int serveUplink() {
        int moved = uplinkSender.drain();
        uplinkReceiver.receive();
        int count = uplinkReceiver.addTo(batch);
        if (count > 0) {
            deliverReceived();
            peers.publish();
            uplinkReceiver.done();
        }
        return moved + count;
    }

    /** Forgets what was read of the host and not yet delivered. */
    public void dropReceived() {
        abandon();
        uplinkReceiver.drop();
    }

    /** Gives a guest as much of a backlog as it has buffers for. */
    private int drain(Receiver receiver) {
        if (!delivery.join(receiver)) {
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
        delivery.deliver();
        return moved;
    }

    /**
     * Sends a frame of our own to a guest, through its backlog so that it keeps its place.
     *
     * @param frame from the Ethernet header on; not kept
     */
    public void send(NetPort port, byte[] frame) {
        OwnFrames.send(port, frame);
    }

    /**
     * Cleans up after an {@link InternalError}: nothing of the batch under way has happened, and the ports whose memory is
     * gone are broken.
     *
     * @param ports all ports of this reactor
     * @return whether such a port was found; if not, the error was about something else
     */
    public boolean memoryLost(Iterable<NetPort> ports) {
        abandon();
        boolean found = false;
        for (NetPort port : ports) {
            // A broken port counts too: what was read instead may have broken it before the error was delivered.
            if (!port.isMemoryLossKnown() && !port.isMemoryIntact()) {
                found = true;
                faults.lose(port);
            }
        }
        return found;
    }

    /** Stops serving a port in whose visit something of our own failed. */
    public void isolate(NetPort port) {
        abandon();
        port.breakDown(doorbell);
    }

    /** Undoes what has not happened yet of a batch in which something of our own failed. */
    public void abandon() {
        delivery.abandon();
        batch.chains.clear();
        peers.abandon();
        uplinkSender.abandon();
        if (taken != null) {
            taken.rewind(firstTaken);
        }
        taken = null;
    }
}
