package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.router.uplink.UplinkQueue;
import io.vireo.virtqueue.VirtioNetHeader;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reactor's end of the uplink: its queue of the device, while there is one, what waits for it, and what was counted.
 * Confined to the reactor's thread once that runs.
 */
public final class Uplink {
    private final int mtu;
    private final Network[] networks;
    private final long[] counters = new long[UplinkCounter.count()];

    /**
     * Records are a packet as {@link UplinkQueue} has it, behind {@link UplinkSender#LINK} bytes that begin with how many
     * packets it was made of, and how many bytes those had: {@link #noteWaiting}.
     */
    final Backlog backlog;

    private @Nullable UplinkQueue queue;

    /**
     * @param mtu bytes of the largest IP packet
     * @param networks those whose guests the host reaches
     * @param backlogMemory absolute address of {@link #memorySize} bytes that stay this one's
     */
    public Uplink(int mtu, List<Network> networks, long backlogMemory) {
        this.mtu = mtu;
        this.networks = networks.toArray(Network[]::new);
        backlog = new Backlog(backlogMemory, longest(mtu));
    }

    /** Where there is none: no network's, and without a device for ever. */
    public static Uplink none() {
        return new Uplink(0, List.of(), 0);
    }

    /** Bytes of memory for what waits. */
    public static long memorySize(int mtu) {
        return Backlog.memorySize(longest(mtu));
    }

    private static int longest(int mtu) {
        return UplinkSender.LINK + VirtioNetHeader.SIZE + mtu;
    }

    int mtu() {
        return mtu;
    }

    /** The longest frame whose packet fits. */
    int maxFrame() {
        return EthernetFrame.HEADER_LENGTH + mtu;
    }

    // ---- the queue

    /** The device's queue from now on; null while there is no device. What waited for the last one is dropped. */
    public void use(@Nullable UplinkQueue next) {
        queue = next;
        while (!backlog.isEmpty()) {
            removeFirst(false);
        }
    }

    public @Nullable UplinkQueue queue() {
        return queue;
    }

    /** Whether packets wait for the host. */
    public boolean hasBacklog() {
        return !backlog.isEmpty();
    }

    /** What the packet in a record of the backlog was made of. */
    void noteWaiting(long record, int packets, int bytes) {
        HostMemory.putInt(record, packets);
        HostMemory.putInt(record + Integer.BYTES, bytes);
    }

    /** Counts what waited first, which the host has taken or will never get. */
    void removeFirst(boolean taken) {
        long record = backlog.firstAddress();
        int packets = HostMemory.getInt(record);
        if (taken) {
            countSent(packets, HostMemory.getInt(record + Integer.BYTES));
        } else {
            count(UplinkCounter.OUT_DROP_REFUSED, packets);
        }
        backlog.removeFirst();
    }

    // ---- the networks behind it

    /** The guest that a packet from the host is for, or null. */
    @Nullable
    NetPort find(int destination) {
        for (Network network : networks) {
            NetPort port = network.guestFor(destination);
            if (port != null) {
                return port;
            }
        }
        return null;
    }

    @Nullable
    NetPort find(long high, long low) {
        for (Network network : networks) {
            NetPort port = network.guestFor(high, low);
            if (port != null) {
                return port;
            }
        }
        return null;
    }

    // ---- counters

    void count(UplinkCounter counter) {
        counters[counter.index()]++;
    }

    /** @param bytes of all of them, if they travelled together those before that */
    void countSent(int packets, int bytes) {
        count(UplinkCounter.OUT_PACKETS, packets);
        count(UplinkCounter.OUT_BYTES, bytes);
        if (packets > 1) {
            count(UplinkCounter.OUT_MERGED, packets);
        }
    }

    void count(UplinkCounter counter, long amount) {
        counters[counter.index()] += amount;
    }

    public long counter(UplinkCounter counter) {
        return counter.in(counters);
    }

    public long[] countersCopy() {
        return Arrays.copyOf(counters, counters.length);
    }
}
