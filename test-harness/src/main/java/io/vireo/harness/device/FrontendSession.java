package io.vireo.harness.device;

import io.vireo.linux.LinuxException;
import io.vireo.vhostuser.ProtocolFeatures;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.driver.DriverRing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the frontends of all kinds of devices have in common: the protocol, the guest's memory, and the rings in it.
 * Confined to one thread.
 */
final class FrontendSession implements AutoCloseable {
    /** What decides on the rings' format, which is fixed before anything is negotiated. */
    private static final long RING_FEATURES =
            Features.RING_PACKED | Features.RING_INDIRECT_DESC | Features.RING_EVENT_IDX | Features.IN_ORDER;

    private static final long PROTOCOL_FEATURES = ProtocolFeatures.MQ
            | ProtocolFeatures.REPLY_ACK
            | ProtocolFeatures.MTU
            | ProtocolFeatures.CONFIG
            | ProtocolFeatures.STATUS;

    private static final int RESERVE = 65_536;

    VhostUserFrontend protocol;
    final FrontendOptions options;
    final FrontendMemory memory;
    private final List<FrontendQueue> queues = new ArrayList<>();
    private long features;

    private FrontendSession(VhostUserFrontend protocol, FrontendOptions options, int queueCount, long bufferBytes)
            throws LinuxException {
        this.protocol = protocol;
        this.options = options;
        long rings = queueCount * DriverRing.memorySize(options.queueSize(), options.features());
        memory = new FrontendMemory(bufferBytes + rings + RESERVE, options.regions());
        for (int i = 0; i < queueCount; i++) {
            queues.add(new FrontendQueue(memory, options.queueSize(), options.features()));
        }
    }

    /**
     * Connects, and prepares rings of which the backend is not told yet.
     *
     * @param bufferBytes how much memory the device needs beside the rings
     */
    static FrontendSession connect(Path socket, FrontendOptions options, int queueCount, long bufferBytes)
            throws IOException {
        return over(VhostUserFrontend.connect(socket), options, queueCount, bufferBytes);
    }

    /** The same over a connection that is there, be it one that the backend has made. It is closed with the session. */
    static FrontendSession over(VhostUserFrontend protocol, FrontendOptions options, int queueCount, long bufferBytes)
            throws IOException {
        try {
            return new FrontendSession(protocol, options, queueCount, bufferBytes);
        } catch (IOException e) {
            protocol.close();
            throw e;
        }
    }

    /**
     * Negotiates, and starts all rings.
     *
     * @return the first {@code configSize} bytes of the configuration space, zeros if the backend has none
     */
    byte[] setup(int configSize) throws IOException {
        byte[] config = negotiate(configSize);
        startAll(queues.stream().mapToInt(queue -> queue.ring.initialBase()).toArray());
        return config;
    }

    private byte[] negotiate(int configSize) throws IOException {
        protocol.setOwner();
        features = protocol.getFeatures() & options.features();
        long missing = options.features() & RING_FEATURES & ~features;
        if (missing != 0) {
            throw new IOException("the backend does not offer 0x%x, for which the rings are made".formatted(missing));
        }
        byte[] config = new byte[configSize];
        if ((features & Features.VHOST_USER_PROTOCOL_FEATURES) != 0) {
            protocol.setProtocolFeatures(protocol.getProtocolFeatures() & PROTOCOL_FEATURES);
            config = protocol.getConfig(0, configSize);
        }
        protocol.setFeatures(features);
        protocol.setMemTable(memory.table(), memory.files());
        return config;
    }

    /** Has the backend serve all rings, each from a base on. */
    void startAll(int... bases) throws IOException {
        for (int i = 0; i < queues.size(); i++) {
            start(i, bases[i]);
        }
        boolean extended = (features & Features.VHOST_USER_PROTOCOL_FEATURES) != 0;
        for (int i = 0; extended && i < queues.size(); i++) {
            protocol.setVringEnable(i, true);
        }
    }

    /** Stops all rings. @return where they stand, for {@link #startAll} */
    int[] stopAll() throws IOException {
        int[] bases = new int[queues.size()];
        for (int i = 0; i < bases.length; i++) {
            bases[i] = protocol.getVringBase(i);
        }
        return bases;
    }

    /** Leaves, and comes back to a backend that knows nothing, with rings that stand where they stand. */
    void reconnect(Path socket, int... bases) throws IOException {
        moveTo(VhostUserFrontend.connect(socket), bases);
    }

    /** The same over a connection that is there. */
    void moveTo(VhostUserFrontend other, int... bases) throws IOException {
        protocol.close();
        protocol = other;
        negotiate(0);
        startAll(bases);
    }

    /** Has the backend serve a ring from {@code base} on. */
    void start(int index, int base) throws IOException {
        FrontendQueue queue = queues.get(index);
        DriverRing ring = queue.ring;
        protocol.setVringNum(index, ring.size());
        protocol.setVringBase(index, base);
        protocol.setVringAddr(index, ring.descriptors(), ring.used(), ring.available());
        protocol.setVringCall(index, queue.call.fd());
        protocol.setVringKick(index, queue.kick.fd());
    }

    /** What was negotiated. */
    long features() {
        return features;
    }

    FrontendQueue queue(int index) {
        return queues.get(index);
    }

    /** Leaves, as a VMM does that ends: without a word. */
    @Override
    public void close() {
        protocol.close();
        queues.forEach(FrontendQueue::close);
        memory.close();
    }
}
