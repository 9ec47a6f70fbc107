package io.vireo.harness;

import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.EventFd;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.driver.DriverRing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A frontend that sets its rings up as far as it is told. It awaits an answer of the backend, so that all is done. */
final class HalfwayFrontend implements AutoCloseable {
    /** In the order in which a frontend takes them. */
    enum Step {
        CONNECTED,
        FEATURES,
        MEMORY,
        ONE_RING,
        BOTH_RINGS,
        ENABLED
    }

    private static final int QUEUE_SIZE = 64;
    private static final long SIZE = 65_536;
    private static final long RING_SPACE = 16_384;

    private final VhostUserFrontend frontend;
    private final SharedMemory memory;
    private final EventFd kick;
    private final EventFd call;

    private HalfwayFrontend(VhostUserFrontend frontend) throws IOException {
        this.frontend = frontend;
        memory = SharedMemory.allocate("guest", SIZE);
        kick = EventFd.create();
        call = EventFd.create();
    }

    static HalfwayFrontend advance(Path socket, Step last) throws IOException {
        HalfwayFrontend halfway = new HalfwayFrontend(VhostUserFrontend.connect(socket));
        try {
            for (Step step : Step.values()) {
                if (step.compareTo(last) <= 0) {
                    halfway.take(step);
                }
            }
            halfway.frontend.getFeatures(); // requests are served in order
            return halfway;
        } catch (IOException e) {
            halfway.close();
            throw e;
        }
    }

    private void take(Step step) throws IOException {
        switch (step) {
            case CONNECTED -> frontend.setOwner();
            case FEATURES -> frontend.setFeatures(Features.VERSION_1 | Features.VHOST_USER_PROTOCOL_FEATURES);
            case MEMORY -> {
                MemoryRegion all = new MemoryRegion(0, memory.size(), memory.address(), 0);
                frontend.setMemTable(List.of(all), List.of(memory.fd()));
            }
            case ONE_RING -> start(0);
            case BOTH_RINGS -> start(1);
            case ENABLED -> {
                frontend.setVringEnable(0, true);
                frontend.setVringEnable(1, true);
            }
        }
    }

    private void start(int index) throws IOException {
        long offset = index * RING_SPACE;
        DriverRing ring = DriverRing.create(memory.address() + offset, offset, QUEUE_SIZE, Features.VERSION_1);
        frontend.setVringNum(index, QUEUE_SIZE);
        frontend.setVringBase(index, 0);
        frontend.setVringAddr(index, ring.descriptors(), ring.used(), ring.available());
        frontend.setVringCall(index, call.fd());
        frontend.setVringKick(index, kick.fd());
    }

    /** Leaves without a word. */
    @Override
    public void close() {
        frontend.close();
        kick.close();
        call.close();
        memory.close();
    }
}
