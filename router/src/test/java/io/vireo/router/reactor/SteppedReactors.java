package io.vireo.router.reactor;

import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.Doorbell;
import io.vireo.router.dataplane.Forwarder;
import io.vireo.router.dataplane.FrameBatch;
import io.vireo.router.dataplane.Guest;
import io.vireo.router.dataplane.Network;
import io.vireo.router.dataplane.Networks;
import io.vireo.router.dataplane.RecordingSlowPath;
import io.vireo.virtqueue.Features;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What two reactors do, step by step on the test's own thread: each has its guests, all of one network. */
final class SteppedReactors implements AutoCloseable {
    static final int COUNT = 2;

    private static final int PREFIX = 0x0a00_0000;
    private static final int FIRST_HOST = 5;

    final List<Guest> guests = new ArrayList<>();
    private final Network network = Networks.subnet("net");
    private final RecordingSlowPath slowPath = new RecordingSlowPath();
    private final Doorbell doorbell = new Doorbell();
    private final SharedMemory batches = SharedMemory.allocate("batches", COUNT * FrameBatch.MEMORY_SIZE, false);
    private final List<Forwarder> forwarders = new ArrayList<>();
    private final List<Arrivals> arrivals = new ArrayList<>();
    private final List<Handover> handovers = new ArrayList<>();

    /** @param slots frames that may be on their way from one to the other */
    SteppedReactors(int slots) throws IOException {
        for (int i = 0; i < COUNT; i++) {
            FrameBatch batch = new FrameBatch(batches.address() + (long) i * FrameBatch.MEMORY_SIZE);
            Forwarder forwarder = new Forwarder(batch, slowPath, doorbell);
            forwarders.add(forwarder);
            arrivals.add(new Arrivals(forwarder, (port, hash, address, length) -> {
                forwarder.receive(port, hash, address, length);
                return true;
            }));
        }
        for (int i = 0; i < COUNT; i++) {
            Handover handover = new Handover("handover", () -> {}, slots, Handover.MEMORY_SIZE);
            forwarders.get(i).connect(1 - i, handover);
            arrivals.get(1 - i).add(handover);
            handovers.add(handover);
        }
    }

    /** The next guest, of the reactor with this number; its rings run. */
    Guest guest(int reactor) throws IOException {
        Guest guest = Guest.of(network, PREFIX, FIRST_HOST + guests.size(), reactor);
        guests.add(guest);
        guest.start(Features.NET_MRG_RXBUF);
        return guest;
    }

    void visit(Guest guest) {
        forwarders.get(guest.port.reactor()).visit(guest.port);
    }

    /** Has a reactor take a batch of what was handed on to it. */
    int take(int reactor) {
        return arrivals.get(reactor).take();
    }

    boolean arePending(int reactor) {
        return arrivals.get(reactor).arePending();
    }

    /** What a reactor does about an InternalError. */
    boolean memoryLost(int reactor) {
        return forwarders
                .get(reactor)
                .memoryLost(guests.stream()
                        .map(guest -> guest.port)
                        .filter(port -> port.reactor() == reactor)
                        .toList());
    }

    @Override
    public void close() {
        guests.forEach(Guest::close);
        handovers.forEach(Handover::close);
        doorbell.close();
        slowPath.close();
        batches.close();
    }
}
