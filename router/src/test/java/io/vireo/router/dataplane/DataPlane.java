package io.vireo.router.dataplane;

import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.Doorbell;
import io.vireo.router.uplink.UplinkQueue;
import io.vireo.virtqueue.Features;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A forwarder and its guests on the test's own thread. */
final class DataPlane implements AutoCloseable {
    static final int PREFIX = 0x0a00_0000; // 10.0.0.0
    static final int GATEWAY = PREFIX + 1;

    final RecordingSlowPath slowPath = new RecordingSlowPath();
    final Forwarder forwarder;
    final Uplink uplink;
    final Network network;
    final List<Guest> guests = new ArrayList<>();
    final Doorbell doorbell = new Doorbell();
    /** The time that limits errors. */
    long nowNs;

    private final SharedMemory memory = SharedMemory.allocate("batch", FrameBatch.MEMORY_SIZE, false);

    private final SharedMemory uplinkMemory;
    private final RingFormat format;

    DataPlane(boolean routed) throws IOException {
        this(routed, RingFormat.SPLIT);
    }

    private DataPlane(boolean routed, RingFormat format) throws IOException {
        this(routed, format, 0);
    }

    private DataPlane(boolean routed, RingFormat format, int uplinkMtu) throws IOException {
        this.format = format;
        network = Networks.network("net", routed);
        uplinkMemory = SharedMemory.allocate("uplink", Uplink.memorySize(uplinkMtu), false);
        uplink = uplinkMtu == 0 ? Uplink.none() : new Uplink(uplinkMtu, List.of(network), uplinkMemory.address());
        forwarder = new Forwarder(new FrameBatch(memory.address()), slowPath, doorbell, uplink, () -> nowNs);
    }

    /** A subnet's data plane. */
    static DataPlane subnet() throws IOException {
        return new DataPlane(false);
    }

    /** The same, whose guests have rings of this format. */
    static DataPlane subnet(RingFormat format) throws IOException {
        return new DataPlane(false, format);
    }

    /** A subnet's data plane with a way to a host, to be had by {@link #host}. */
    static DataPlane withUplink() throws IOException {
        DataPlane plane = new DataPlane(false, RingFormat.SPLIT, 1500);
        plane.uplink.use(new HostSide());
        plane.network.routes(UplinkSenderTest.toUplink());
        return plane;
    }

    HostSide host() {
        return (HostSide) Objects.requireNonNull(uplink.queue());
    }

    /** The next guest, 10.0.0.5 and so on, with mergeable buffers; its rings run. */
    Guest guest() throws IOException {
        return guest(network, Features.NET_MRG_RXBUF);
    }

    Guest guest(Network of, long features) throws IOException {
        Guest guest = stoppedGuest(of);
        guest.start(features);
        return guest;
    }

    Guest stoppedGuest(Network of) throws IOException {
        return stoppedGuest(of, 5 + guests.size(), Guest.MTU);
    }

    Guest stoppedGuest(Network of, int host, int mtu) throws IOException {
        Guest guest = new Guest(of, PREFIX, host, mtu, format);
        guests.add(guest);
        return guest;
    }

    List<NetPort> ports() {
        return guests.stream().map(guest -> guest.port).toList();
    }

    int visit(Guest guest) {
        return forwarder.visit(guest.port);
    }

    @Override
    public void close() {
        guests.forEach(Guest::close);
        doorbell.close();
        slowPath.close();
        UplinkQueue queue = uplink.queue();
        if (queue != null) {
            queue.close();
        }
        uplinkMemory.close();
        memory.close();
    }
}
