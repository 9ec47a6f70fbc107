package io.vireo.router.dataplane;

import io.vireo.linux.Doorbell;
import io.vireo.protocols.Gateway;
import io.vireo.protocols.arp.ArpResponder;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.RingFault;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A guest's network card as the data plane has it: who the guest is, its two rings, what waits for it, and what was counted.
 * Confined to its reactor's thread once that runs.
 */
public final class NetPort {
    /** Virtqueue numbers (virtio 1.3, 5.1.2); "receive" is what the guest receives. */
    public static final int RECEIVE_QUEUE = 0;

    public static final int TRANSMIT_QUEUE = 1;

    /** The largest ring served; what the bounded arrays of a batch are made for. */
    public static final int MAX_QUEUE_SIZE = 1024;

    private static final int ETHERNET_HEADER = 14;

    private final String name;
    private final Network network;
    private final long mac;
    private final int ipv4;
    private final int mtu;
    /** What {@link ExpressLane} compares and writes, as it lies in memory. */
    private final long headToGateway;

    private final long headFromGateway;
    private final int macTail;
    private final int ipv4InMemory;

    private final ArpResponder arpResponder;
    private final Receiver receiver;
    private final PortRing transmitRing = new PortRing(false);
    private final long[] counters = new long[Counter.count()];

    private final PollSet.Membership membership = new PollSet.Membership();

    private boolean broken;
    private boolean memoryLossKnown;
    private boolean spoofReported;
    private int outstandingPunts;

    /**
     * @param backlogMemory absolute address of {@link #backlogSize} bytes that stay this port's
     */
    public NetPort(String name, Network network, long mac, int ipv4, int mtu, long backlogMemory) {
        this.name = name;
        this.network = network;
        this.mac = mac;
        this.ipv4 = ipv4;
        this.mtu = mtu;
        headToGateway = ExpressLane.headOf(Gateway.GATEWAY_MAC, mac);
        headFromGateway = ExpressLane.headOf(mac, Gateway.GATEWAY_MAC);
        macTail = ExpressLane.tailOf(mac);
        ipv4InMemory = Integer.reverseBytes(ipv4);
        arpResponder = new ArpResponder(Gateway.GATEWAY_MAC, network);
        receiver = new Receiver(this, new Backlog(backlogMemory, longest(mtu)));
        network.add(this);
    }

    /** Bytes of memory for the backlog of a port with this MTU. */
    public static long backlogSize(int mtu) {
        return Backlog.memorySize(longest(mtu));
    }

    private static int longest(int mtu) {
        return VirtioNetHeader.SIZE + ETHERNET_HEADER + mtu;
    }

    public String name() {
        return name;
    }

    public Network network() {
        return network;
    }

    ArpResponder arpResponder() {
        return arpResponder;
    }

    public long mac() {
        return mac;
    }

    public int ipv4() {
        return ipv4;
    }

    public int mtu() {
        return mtu;
    }

    long headToGateway() {
        return headToGateway;
    }

    long headFromGateway() {
        return headFromGateway;
    }

    int macTail() {
        return macTail;
    }

    int ipv4InMemory() {
        return ipv4InMemory;
    }

    /** The longest frame the guest may send or be sent. */
    int maxFrame() {
        return ETHERNET_HEADER + mtu;
    }

    void count(Counter counter) {
        counters[counter.index()]++;
    }

    void count(Counter counter, long amount) {
        counters[counter.index()] += amount;
    }

    public long counter(Counter counter) {
        return counters[counter.index()];
    }

    public long[] countersCopy() {
        return Arrays.copyOf(counters, counters.length);
    }

    // ---- life of the rings

    /** Serves a ring from now on. A port that was broken is given another chance. */
    public void start(RingSetup setup) {
        broken = false;
        memoryLossKnown = false;
        if (setup.queue() == RECEIVE_QUEUE) {
            receiver.start(setup);
        } else {
            transmitRing.start(setup);
        }
    }

    public void enable(int queue, boolean enabled) {
        ring(queue).enable(enabled);
    }

    /** Lets go of a ring. @return its next available index, or 0 if it was not served */
    public int stop(int queue) {
        return ring(queue).stop();
    }

    /** The setup of a served ring, or null. */
    public @Nullable RingSetup setup(int queue) {
        return ring(queue).setup();
    }

    private PortRing ring(int queue) {
        return queue == RECEIVE_QUEUE ? receiver.ring : transmitRing;
    }

    /** Forgets what waited for a guest that is gone. */
    public void reset() {
        count(Counter.RX_DROP_RESET, receiver.backlog.size());
        receiver.backlog.clear();
        spoofReported = false;
    }

    public boolean isServed() {
        return transmitRing.ring() != null || receiver.ring.ring() != null;
    }

    boolean isBroken() {
        return broken;
    }

    /** The fault of either ring, or null. */
    @Nullable
    RingFault fault() {
        RingFault fault = transmitRing.fault();
        return fault == null ? receiver.ring.fault() : fault;
    }

    /** Stops serving both rings until the frontend starts one again, and tells the frontend so. */
    void breakDown(Doorbell doorbell) {
        broken = true;
        transmitRing.ringError(doorbell);
        receiver.ring.ringError(doorbell);
    }

    /** Whether the memory of both rings is as long as it was; not for the data path. */
    boolean isMemoryIntact() {
        return transmitRing.isMemoryIntact() && receiver.ring.isMemoryIntact();
    }

    /** Whether the loss of this memory has been dealt with: it explains no further error. */
    boolean isMemoryLossKnown() {
        return memoryLossKnown;
    }

    void noteMemoryLoss() {
        memoryLossKnown = true;
    }

    // ---- kicks

    PollSet.Membership membership() {
        return membership;
    }

    /** Has the port visited soon, though its guest did nothing: something was put into its backlog. */
    void wake() {
        membership.wake(this);
    }

    /** Tells the guest that this side polls. */
    void suppressKicks() {
        DeviceRing tx = transmitRing.ring();
        DeviceRing rx = receiver.ring.ring();
        if (tx != null) {
            tx.suppressKicks();
        }
        if (rx != null) {
            rx.suppressKicks();
        }
    }

    /** Asks the guest to kick. @return whether there is work already, or no way to be kicked */
    boolean requestKicks() {
        if (broken) {
            return false;
        }
        DeviceRing tx = transmitRing.ring();
        boolean work = tx != null && (tx.requestKicks() || transmitRing.hasNoKick());
        return receiver.requestKicks() || work;
    }

    // ---- frames

    Receiver receiver() {
        return receiver;
    }

    boolean canReceive() {
        return receiver.isReady() && !broken;
    }

    /** What the guest negotiated for what it sends. */
    long transmitFeatures() {
        return transmitRing.features();
    }

    /** What the guest negotiated for what it receives. */
    long receiveFeatures() {
        return receiver.ring.features();
    }

    /** The ring of what the guest sends, or null while it is not served. */
    @Nullable
    DeviceRing transmitRing() {
        return transmitRing.ring();
    }

    boolean isTransmitEnabled() {
        return transmitRing.isEnabled();
    }

    /** Gives the batch's chains back. */
    void completeTransmitted(DescriptorChains chains, Doorbell doorbell) {
        DeviceRing tx = transmitRing.ring();
        if (tx == null) {
            return;
        }
        tx.complete(chains);
        if (transmitRing.publish(doorbell)) {
            count(Counter.INTERRUPTS);
        }
    }

    // ---- the slow path's share

    /** Whether this guest may have one more frame with the address service; each is given back by {@link #puntDone}. */
    boolean mayPunt(int limit) {
        return outstandingPunts < limit;
    }

    void punted() {
        outstandingPunts++;
    }

    public void puntDone() {
        outstandingPunts--;
    }

    /** Whether a wrong source MAC is yet to be reported; it is, once for each guest that connects. */
    boolean isSpoofUnreported() {
        return !spoofReported;
    }

    void spoofReported() {
        spoofReported = true;
    }
}
