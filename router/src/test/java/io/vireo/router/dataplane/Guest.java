package io.vireo.router.dataplane;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.EventFd;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Memory;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.vhostuser.backend.NotifyFd;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.SplitRingLayout;
import io.vireo.virtqueue.device.RingPlace;
import io.vireo.virtqueue.driver.DriverRing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A guest with its port, which maps the guest's memory file once more, as in life. */
public final class Guest extends GuestDriver implements AutoCloseable {
    static final int MTU = 1500;

    private static final long USER = 0x7000_0000_0000L;

    public final NetPort port;
    private final Ipv6Address ipv6;
    public final EventFd kick = EventFd.create();
    public final EventFd call = EventFd.create();
    public final EventFd error = EventFd.create();
    private final SharedMemory backlog;
    private final GuestMemory memory;
    private final List<Fd> kicks = new ArrayList<>();
    private final boolean packed;
    /** Where the rings stood when {@link #stop} stopped them. */
    private final int[] stoppedAt = new int[2];

    /** A guest whose address ends in {@code host}; its IPv6 addresses are those of a /64 of its own. */
    public Guest(Network network, int prefix, int host) throws IOException {
        this(network, prefix, host, MTU, RingFormat.SPLIT);
    }

    Guest(Network network, int prefix, int host, int mtu, RingFormat format) throws IOException {
        this(network, prefix, host, mtu, format, 1, 0);
    }

    /** A guest of the reactor with this number. */
    public static Guest of(Network network, int prefix, int host, int reactor) throws IOException {
        return new Guest(network, prefix, host, MTU, RingFormat.SPLIT, 1, reactor);
    }

    /** A guest whose port has this many pairs of queues; its own rings are those of the first pair. */
    static Guest withPairs(Network network, int prefix, int host, int pairs) throws IOException {
        return new Guest(network, prefix, host, MTU, RingFormat.SPLIT, pairs, 0);
    }

    private Guest(Network network, int prefix, int host, int mtu, RingFormat format, int pairs, int reactor)
            throws IOException {
        super(format.features);
        packed = format.isPacked();
        backlog = SharedMemory.allocate("backlog", pairs * NetPort.backlogSize(mtu), false);
        memory = GuestMemory.map(
                List.of(new MemoryRegion(GUEST, SIZE, USER, 0)),
                List.of(shared.fd().duplicate()));
        long mac = 0x5254_0000_0000L + host;
        port = new NetPort("guest" + host, network, mac, prefix + host, mtu, pairs, reactor, backlog.address());
        ipv6 = new Ipv6Address(Networks.IPV6.address().high() | host, 5);
        Ipv6Prefix own = Ipv6Prefix.of(ipv6, 64);
        port.ipv6(new PortIpv6(Optional.of(own), Optional.empty()));
        network.assign(port, own);
    }

    /** Starts both rings, enabled. */
    public void start(long features) throws LinuxException {
        port.start(setup(NetPort.RECEIVE_QUEUE, features, true));
        port.start(setup(NetPort.TRANSMIT_QUEUE, features, true));
    }

    void stop(int queue) {
        stoppedAt[queue] = port.stop(queue);
    }

    /** The setup of a ring that begins where its driver is. */
    public RingSetup setup(int queue, long features, boolean enabled) throws LinuxException {
        DriverRing ring = queue == NetPort.RECEIVE_QUEUE ? rx : tx;
        if (packed) {
            int known = stoppedAt[queue];
            return setup(queue, features, enabled, known == 0 ? ring.initialBase() : known);
        }
        int base = Short.toUnsignedInt(HostMemory.getShort(ring.used() + SplitRingLayout.INDEX_OFFSET));
        return setup(queue, features, enabled, base);
    }

    private RingSetup setup(int queue, long features, boolean enabled, int base) throws LinuxException {
        kicks.add(kick.fd().duplicate()); // as in life each ring has a descriptor of its own
        DriverRing ring = queue == NetPort.RECEIVE_QUEUE ? rx : tx;
        long descriptors = user(ring.descriptors());
        RingPlace place = packed
                ? RingPlace.packed(memory, RING_SIZE, descriptors, user(ring.available()), user(ring.used()))
                : RingPlace.split(memory, RING_SIZE, descriptors, user(ring.available()), user(ring.used()));
        return new RingSetup(
                queue,
                memory,
                place,
                base,
                features | ringFeatures | Features.VERSION_1,
                enabled,
                kicks.getLast(),
                new NotifyFd(call.fd(), false),
                new NotifyFd(error.fd(), false));
    }

    /** A ring of this guest's memory as the one with that number of a port with several pairs. */
    RingSetup setupAs(int number, int queue, long features, boolean enabled) throws LinuxException {
        RingSetup own = setup(queue, features, enabled);
        return new RingSetup(
                number,
                own.memory(),
                own.place(),
                own.base(),
                own.features(),
                own.enabled(),
                own.kick(),
                own.call(),
                own.error());
    }

    /** A setup whose making does not touch the memory, which may be gone. */
    public RingSetup setupWithoutLooking(int queue) throws LinuxException {
        return setup(queue, 0, true, 0);
    }

    private long user(long address) {
        return USER + (address - shared.address());
    }

    public long mac() {
        return port.mac();
    }

    public int ipv4() {
        return port.ipv4();
    }

    /** An address of the /64 that is the guest's own. */
    public Ipv6Address ipv6() {
        return ipv6;
    }

    /** How often the error descriptor was rung since the last time. */
    public long errors() {
        try {
            return error.drain();
        } catch (LinuxException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- what a hostile VMM does

    /** Cuts the memory file off; what was mapped behind its new end can no longer be touched. */
    public void loseMemory() throws LinuxException {
        Memory.truncate(shared.fd(), 0);
    }

    /** Cuts off the receive ring's used ring alone. */
    void loseUsedRing() throws LinuxException {
        Memory.truncate(shared.fd(), LAST_PAGE);
    }

    @Override
    public void close() {
        memory.close();
        shared.close();
        backlog.close();
        kicks.forEach(Fd::close);
        kick.close();
        call.close();
        error.close();
    }
}
