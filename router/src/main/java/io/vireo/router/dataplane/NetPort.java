package io.vireo.router.dataplane;

import io.vireo.hugepages.GuestMemory;
import io.vireo.linux.Doorbell;
import io.vireo.protocols.Gateway;
import io.vireo.protocols.arp.ArpResponder;
import io.vireo.vhostuser.backend.NotifyFd;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceSplitRing;
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

    static final int RESERVED = 0;
    /** The guest has posted too few buffers; more may come. */
    static final int NO_BUFFERS = 1;
    /** No number of such buffers would do. */
    static final int BUFFER_TOO_SMALL = 2;

    private static final int MAX_BUFFERS = 256;
    private static final int ETHERNET_HEADER = 14;

    private final String name;
    private final Network network;
    private final long mac;
    private final int ipv4;
    private final int mtu;
    private final ArpResponder arpResponder;
    private final Backlog backlog;
    private final long[] counters = new long[Counter.count()];

    @Nullable
    DeviceSplitRing tx;

    @Nullable
    DeviceSplitRing rx;

    private @Nullable RingSetup txSetup;
    private @Nullable RingSetup rxSetup;
    private boolean txEnabled;
    private boolean rxEnabled;
    private boolean mergeable;
    private boolean broken;
    private boolean spoofReported;
    private int outstandingPunts;

    /** Receive buffers of the batch under way, and how much of each is filled. */
    final DescriptorChains buffers = new DescriptorChains(MAX_BUFFERS, MAX_BUFFERS + 3 * MAX_QUEUE_SIZE);

    private final int[] filled = new int[MAX_BUFFERS];
    private long frames;
    private long bytes;

    /** Where the batch under way began, for {@link #rollBack}. */
    private boolean touched;

    private int firstTaken;
    private int backlogEnd;

    /**
     * @param backlogMemory absolute address of {@link #backlogSize} bytes that stay this port's
     */
    public NetPort(String name, Network network, long mac, int ipv4, int mtu, long backlogMemory) {
        this.name = name;
        this.network = network;
        this.mac = mac;
        this.ipv4 = ipv4;
        this.mtu = mtu;
        arpResponder = new ArpResponder(Gateway.GATEWAY_MAC, network);
        backlog = new Backlog(backlogMemory, longest(mtu));
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
        boolean receive = setup.queue() == RECEIVE_QUEUE;
        DeviceSplitRing ring = new DeviceSplitRing(
                setup.memory(), setup.place(), setup.base(), setup.has(Features.RING_EVENT_IDX), receive);
        ring.suppressKicks();
        broken = false;
        if (receive) {
            rx = ring;
            rxSetup = setup;
            rxEnabled = setup.enabled();
            mergeable = setup.has(Features.NET_MRG_RXBUF);
        } else {
            tx = ring;
            txSetup = setup;
            txEnabled = setup.enabled();
        }
    }

    public void enable(int queue, boolean enabled) {
        if (queue == RECEIVE_QUEUE) {
            rxEnabled = enabled;
        } else {
            txEnabled = enabled;
        }
    }

    /** Lets go of a ring. @return its next available index, or 0 if it was not served */
    public int stop(int queue) {
        DeviceSplitRing ring = queue == RECEIVE_QUEUE ? rx : tx;
        if (queue == RECEIVE_QUEUE) {
            rx = null;
            rxSetup = null;
            rxEnabled = false;
        } else {
            tx = null;
            txSetup = null;
            txEnabled = false;
        }
        return ring == null ? 0 : ring.nextAvailable();
    }

    /** Forgets what waited for a guest that is gone. */
    public void reset() {
        count(Counter.RX_DROP_RESET, backlog.size());
        backlog.clear();
        spoofReported = false;
    }

    /** The setup of a served ring, or null. */
    public @Nullable RingSetup setup(int queue) {
        return queue == RECEIVE_QUEUE ? rxSetup : txSetup;
    }

    public boolean isServed() {
        return tx != null || rx != null;
    }

    boolean isBroken() {
        return broken;
    }

    boolean isTransmitEnabled() {
        return txEnabled;
    }

    boolean canReceive() {
        return rx != null && rxEnabled && !broken;
    }

    /** The fault of either ring, or null. */
    @Nullable
    RingFault fault() {
        if (tx != null && tx.fault() != null) {
            return tx.fault();
        }
        return rx == null ? null : rx.fault();
    }

    /** Stops serving both rings until the frontend starts one again, and tells the frontend so. */
    void breakDown(Doorbell doorbell) {
        broken = true;
        ringError(txSetup, doorbell);
        ringError(rxSetup, doorbell);
    }

    private static void ringError(@Nullable RingSetup setup, Doorbell doorbell) {
        NotifyFd error = setup == null ? null : setup.error();
        if (error != null) {
            error.ring(doorbell);
        }
    }

    /** Whether the memory of both rings is as long as it was; not for the data path. */
    boolean isMemoryIntact() {
        return isIntact(txSetup) && isIntact(rxSetup);
    }

    private static boolean isIntact(@Nullable RingSetup setup) {
        GuestMemory memory = setup == null ? null : setup.memory();
        return memory == null || memory.isIntact();
    }

    // ---- kicks

    /** Tells the guest that this side polls. */
    void suppressKicks() {
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
        boolean work = false;
        if (tx != null && txSetup != null) {
            work = tx.requestKicks() || txSetup.kick() == null;
        }
        if (rx != null && rxSetup != null && rxEnabled && !backlog.isEmpty()) {
            work |= rx.requestKicksForMore() || rxSetup.kick() == null; // what is there was too little
        }
        return work;
    }

    // ---- receiving: reserve, fill, deliver

    Backlog backlog() {
        return backlog;
    }

    /** Notes where the batch began, once. @return whether it was the first time in this batch */
    boolean touch() {
        if (touched) {
            return false;
        }
        touched = true;
        firstTaken = rx == null ? 0 : rx.nextAvailable();
        backlogEnd = backlog.end();
        return true;
    }

    /**
     * Reserves the buffers for {@code total} bytes, virtio-net header included, or none. They are the last ones of {@link
     * #buffers}, from the number on that it had before.
     */
    int reserve(int total) {
        DeviceSplitRing ring = rx;
        if (ring == null) {
            return NO_BUFFERS;
        }
        int first = buffers.count();
        int position = ring.nextAvailable();
        long room = 0;
        while (room < total) {
            if (ring.take(buffers, 1) == 0) {
                // As many buffers as a batch may have did not do: waiting for more would be for ever.
                boolean hopeless = first == 0 && !buffers.hasRoom(ring.size());
                giveBack(ring, first, position);
                return hopeless ? BUFFER_TOO_SMALL : NO_BUFFERS;
            }
            int buffer = buffers.count() - 1;
            int capacity = buffers.bytes[buffer];
            filled[buffer] = (int) Math.min(capacity, total - room);
            room += capacity;
            if (room < total && !mergeable) {
                giveBack(ring, first, position);
                return BUFFER_TOO_SMALL;
            }
        }
        frames++;
        bytes += total - VirtioNetHeader.SIZE;
        return RESERVED;
    }

    private void giveBack(DeviceSplitRing ring, int first, int position) {
        buffers.truncate(first);
        ring.rewind(position);
    }

    /** Shows the guest all that was written into reserved buffers. */
    void deliver(Doorbell doorbell) {
        touched = false;
        int count = buffers.count();
        if (count == 0 || rx == null) {
            return;
        }
        firstTaken = rx.nextAvailable(); // what is given back must not be taken again by a roll-back
        for (int i = 0; i < count; i++) {
            rx.complete(buffers.head[i], filled[i]);
        }
        rx.publish();
        count(Counter.RX_FRAMES, frames);
        count(Counter.RX_BYTES, bytes);
        forgetReservations();
        interrupt(rx, rxSetup, doorbell);
    }

    /** Undoes all of a batch that failed before it was delivered. */
    void rollBack() {
        touched = false;
        backlog.truncate(backlogEnd);
        if (rx != null) {
            rx.rewind(firstTaken);
        }
        forgetReservations();
    }

    private void forgetReservations() {
        buffers.clear();
        frames = 0;
        bytes = 0;
    }

    // ---- transmitting

    /** Gives the batch's chains back. */
    void completeTransmitted(DescriptorChains chains, Doorbell doorbell) {
        if (tx == null) {
            return;
        }
        for (int i = 0; i < chains.count(); i++) {
            tx.complete(chains.head[i], 0);
        }
        tx.publish();
        interrupt(tx, txSetup, doorbell);
    }

    private void interrupt(DeviceSplitRing ring, @Nullable RingSetup setup, Doorbell doorbell) {
        NotifyFd call = setup == null ? null : setup.call();
        if (ring.wantsInterrupt() && call != null) {
            call.ring(doorbell);
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
