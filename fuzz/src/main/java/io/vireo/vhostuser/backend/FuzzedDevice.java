package io.vireo.vhostuser.backend;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import org.jspecify.annotations.Nullable;

/**
 * A device that serves each ring once as soon as it is started, and claims that the session keeps what the interface
 * promises. On the session's thread; what does not hold is kept for who asks.
 */
final class FuzzedDevice implements VhostUserDevice {
    static final int QUEUES = 2;
    static final int MAX_QUEUE_SIZE = 256;
    static final long FEATURES = Features.VERSION_1
            | Features.RING_PACKED
            | Features.RING_EVENT_IDX
            | Features.RING_INDIRECT_DESC
            | Features.IN_ORDER
            | Features.NET_MAC;

    private final @Nullable DeviceRing[] rings = new DeviceRing[QUEUES];
    private final DescriptorChains chains = new DescriptorChains(MAX_QUEUE_SIZE, 2 * MAX_QUEUE_SIZE);
    private @Nullable Throwable failure;

    /** What did not hold since the last time, or null. */
    synchronized @Nullable Throwable failure() {
        Throwable found = failure;
        failure = null;
        return found;
    }

    private synchronized void check(boolean holds, String what) {
        try {
            claim(holds, what);
        } catch (AssertionError e) {
            failure = e;
        }
    }

    @Override
    public String name() {
        return "fuzzed";
    }

    @Override
    public long features() {
        return FEATURES;
    }

    @Override
    public int queues() {
        return QUEUES;
    }

    @Override
    public int maxQueueSize() {
        return MAX_QUEUE_SIZE;
    }

    @Override
    public byte[] config() {
        return new byte[] {1, 2, 3, 4, 5, 6};
    }

    @Override
    public boolean acceptsMtu(int mtu) {
        return mtu <= 1500;
    }

    @Override
    public synchronized void startRing(RingSetup setup) {
        check(rings[setup.queue()] == null, "started twice");
        check((setup.features() & ~(FEATURES | Features.VHOST_USER_PROTOCOL_FEATURES)) == 0, "features not offered");
        Direction direction = setup.queue() == 0 ? Direction.WRITABLE : Direction.READABLE;
        DeviceRing ring = DeviceRing.serve(setup.memory(), setup.place(), setup.base(), setup.features(), direction);
        rings[setup.queue()] = ring;
        try {
            chains.clear();
            ring.take(chains, MAX_QUEUE_SIZE);
            ring.complete(chains);
            ring.publish();
            ring.wantsInterrupt();
            ring.requestKicks();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    @Override
    public synchronized void enableRing(int queue, boolean enabled) {
        check(rings[queue] != null, "enabled, and does not run");
    }

    @Override
    public synchronized int stopRing(int queue) {
        DeviceRing ring = rings[queue];
        check(ring != null, "stopped, and does not run");
        rings[queue] = null;
        return ring == null ? 0 : ring.base();
    }

    @Override
    public synchronized void reset() {
        for (DeviceRing ring : rings) {
            check(ring == null, "reset, and a ring runs");
        }
    }
}
