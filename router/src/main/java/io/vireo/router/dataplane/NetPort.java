package io.vireo.router.dataplane;

import io.vireo.linux.Doorbell;
import io.vireo.protocols.arp.ArpResponder;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ndp.NdpResponder;
import io.vireo.router.control.ControlQueue;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.RingFault;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A guest's network card as the data plane has it: who the guest is, its rings, what waits for it, and what was counted.
 * Confined to its reactor's thread once that runs, but for what is final: who the guest is.
 */
public final class NetPort {
    /** Virtqueue numbers of the first pair (virtio 1.3, 5.1.2); "receive" is what the guest receives. */
    public static final int RECEIVE_QUEUE = 0;

    public static final int TRANSMIT_QUEUE = 1;

    /** The largest ring served; what the bounded arrays of a batch are made for. */
    public static final int MAX_QUEUE_SIZE = 1024;

    /** What a guest may be sent, as far as it negotiated it and has not switched it off since. */
    private static final long GUEST_OFFLOADS = Features.NET_GUEST_CSUM
            | Features.NET_GUEST_TSO4
            | Features.NET_GUEST_TSO6
            | Features.NET_GUEST_ECN
            | Features.NET_GUEST_USO4
            | Features.NET_GUEST_USO6;

    private static final int ETHERNET_HEADER = 14;
    private static final long NO_IPV4 = -1;

    private final String name;
    private final Network network;
    private final long mac;
    private final int mtu;
    /** What {@link ExpressLane} compares and writes, as it lies in memory. */
    private final long headToGateway;

    private final long headFromGateway;
    private final int macTail;
    private final int pairs;
    private final int reactor;

    private final Route route;
    private final ArpResponder arpResponder;
    private final NdpResponder ndpResponder;
    private final ErrorAllowance errorAllowance = new ErrorAllowance();
    private final PortRings rings;
    private final long[] counters = new long[Counter.count()];

    private final PollSet.Membership membership = new PollSet.Membership();

    private @Nullable RateLimiter egress;
    private @Nullable RateLimiter ingress;

    private int ipv4;
    /** The same as {@link ExpressLane} compares it; without an address, what no int is. */
    private long ipv4InMemory = NO_IPV4;

    private PortIpv6 ipv6 = PortIpv6.NONE;

    private boolean broken;
    private boolean memoryLossKnown;
    private boolean spoofReported;
    private int outstandingPunts;

    /** A port with one pair of queues, of reactor 0. */
    public NetPort(String name, Network network, long mac, int ipv4, int mtu, long backlogMemory) {
        this(name, network, mac, ipv4, mtu, 1, 0, backlogMemory);
    }

    /**
     * @param ipv4 the guest's address, which leads to the port from now on; 0: none yet
     * @param pairs of receive and transmit queues that the guest may use
     * @param reactor number of the reactor that serves it
     * @param backlogMemory absolute address of {@link #backlogSize} bytes for each pair that stay this port's
     */
    public NetPort(
            String name, Network network, long mac, int ipv4, int mtu, int pairs, int reactor, long backlogMemory) {
        this.name = name;
        this.network = network;
        this.mac = mac;
        this.mtu = mtu;
        headToGateway = ExpressLane.headOf(Gateway.GATEWAY_MAC, mac);
        headFromGateway = ExpressLane.headOf(mac, Gateway.GATEWAY_MAC);
        macTail = ExpressLane.tailOf(mac);
        this.pairs = pairs;
        this.reactor = reactor;
        route = Route.madeFor(this);
        arpResponder = new ArpResponder(Gateway.GATEWAY_MAC, network);
        ndpResponder = new NdpResponder(Gateway.GATEWAY_MAC, network);
        Receiver[] receivers = new Receiver[pairs];
        Arrays.setAll(
                receivers,
                pair -> new Receiver(this, new Backlog(backlogMemory + pair * backlogSize(mtu), longest(mtu))));
        rings = new PortRings(receivers, new ControlQueue(mac, pairs, GUEST_OFFLOADS));
        address(ipv4);
        if (ipv4 != 0) {
            network.assign(this, ipv4);
        }
    }

    /** Bytes of memory for the backlog of each pair of a port with this MTU. */
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

    Route route() {
        return route;
    }

    ArpResponder arpResponder() {
        return arpResponder;
    }

    NdpResponder ndpResponder() {
        return ndpResponder;
    }

    /** The ICMP errors that the guest may cause. */
    ErrorAllowance errorAllowance() {
        return errorAllowance;
    }

    public long mac() {
        return mac;
    }

    /** The guest's IPv4 address, or 0 if it has none. */
    public int ipv4() {
        return ipv4;
    }

    /**
     * Gives the guest another IPv4 address to send from, or with 0 none: then it may send DHCP and ARP probes alone. What
     * leads to it, {@link Network#assign} says.
     */
    public void address(int address) {
        ipv4 = address;
        ipv4InMemory = address == 0 ? NO_IPV4 : Integer.toUnsignedLong(Integer.reverseBytes(address));
    }

    PortIpv6 ipv6() {
        return ipv6;
    }

    /** Gives the guest other IPv6 addresses to send from. What leads to it, {@link Network#assign} says. */
    public void ipv6(PortIpv6 addresses) {
        ipv6 = addresses;
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

    long ipv4InMemory() {
        return ipv4InMemory;
    }

    /** Pairs of receive and transmit queues that the guest may use. */
    public int pairs() {
        return pairs;
    }

    /** Number of the reactor that serves it. */
    public int reactor() {
        return reactor;
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

    /** Counts why a frame of the guest is dropped. @return null: the port that gets it */
    @Nullable
    NetPort drop(Counter reason) {
        count(reason);
        return null;
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
        rings.start(setup);
    }

    /** Whether a ring is any use for what was negotiated; one that is not is left alone. */
    public boolean hasUse(RingSetup setup) {
        return rings.hasUse(setup);
    }

    public void enable(int queue, boolean enabled) {
        rings.enable(queue, enabled);
    }

    /** Lets go of a ring. @return its next available index, or 0 if it was not served */
    public int stop(int queue) {
        return rings.stop(queue);
    }

    /** The setup of a served ring, or null. */
    public @Nullable RingSetup setup(int queue) {
        return rings.setup(queue);
    }

    /** Forgets what waited for a guest that is gone. */
    public void reset() {
        rings.reset();
        spoofReported = false;
    }

    public boolean isServed() {
        return rings.isServed();
    }

    public boolean isBroken() {
        return broken;
    }

    /** The fault of any ring, or null. */
    @Nullable
    RingFault fault() {
        return rings.fault();
    }

    /** Stops serving all rings until the frontend starts one again, and tells the frontend so. */
    void breakDown(Doorbell doorbell) {
        broken = true;
        rings.ringErrors(doorbell);
    }

    /** Whether the memory of all rings is as long as it was; not for the data path. */
    boolean isMemoryIntact() {
        return rings.isMemoryIntact();
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
        rings.suppressKicks();
    }

    /** Asks the guest to kick. @return whether there is work already, or no way to be kicked */
    boolean requestKicks() {
        return !broken && rings.requestKicks(isPaused(egress), isPaused(ingress));
    }

    private static boolean isPaused(@Nullable RateLimiter limiter) {
        return limiter != null && limiter.isPaused();
    }

    // ---- frames

    PortRings rings() {
        return rings;
    }

    /** Where the guest is given the frames of a flow. */
    Receiver receiver(int hash) {
        return rings.receiverOf(hash);
    }

    boolean canReceive(Receiver receiver) {
        return receiver.isReady() && !broken;
    }

    /** What the guest negotiated for what it sends. */
    long transmitFeatures() {
        return rings.features();
    }

    /** What the guest negotiated for what it receives, less what it has switched off since. */
    long receiveFeatures() {
        long features = rings.features();
        return (features & ~GUEST_OFFLOADS) | rings.commands().guestOffloads(features);
    }

    // ---- what the guest may send and be given

    /** Limits what the guest sends, before its first ring starts. Arguments as those of {@link #limitIngress}. */
    public void limitEgress(long bytesPerSecond, long framesPerSecond, long burstNs, LongSupplier clockNs) {
        egress = new RateLimiter(this, Counter.TX_PAUSED, bytesPerSecond, framesPerSecond, burstNs, clockNs);
    }

    /**
     * Limits what the guest is given, before its first ring starts.
     *
     * @param bytesPerSecond from the Ethernet header on, at most 2^37; 0: as many as there are; so are the frames
     * @param burstNs for how long it may make up for what it did not use before
     * @param clockNs as {@link System#nanoTime}
     */
    public void limitIngress(long bytesPerSecond, long framesPerSecond, long burstNs, LongSupplier clockNs) {
        ingress = new RateLimiter(this, Counter.RX_PAUSED, bytesPerSecond, framesPerSecond, burstNs, clockNs);
    }

    /** The limit of what the guest sends, or null. */
    @Nullable
    RateLimiter egress() {
        return egress;
    }

    /** The limit of what the guest is given, or null. */
    @Nullable
    RateLimiter ingress() {
        return ingress;
    }

    /** Whether buffers may be reserved for many frames at once: there is one queue, and no limit. */
    boolean takesRuns() {
        return pairs == 1 && ingress == null;
    }

    /** With which pair a visit begins: with each in turn where there is a limit, as it may leave nothing for the last. */
    int firstPair() {
        RateLimiter limit = egress == null ? ingress : egress;
        return limit == null ? 0 : limit.nextTurn(pairs);
    }

    void endPauses() {
        if (egress != null) {
            egress.endPause();
        }
        if (ingress != null) {
            ingress.endPause();
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

    /** There was no address or prefix left for the guest. */
    public void noteExhausted() {
        count(Counter.ADDRESSES_EXHAUSTED);
    }

    /** Whether a wrong source MAC is yet to be reported; it is, once for each guest that connects. */
    boolean isSpoofUnreported() {
        return !spoofReported;
    }

    void spoofReported() {
        spoofReported = true;
    }
}
