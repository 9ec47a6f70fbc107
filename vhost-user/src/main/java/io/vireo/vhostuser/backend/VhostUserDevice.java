package io.vireo.vhostuser.backend;

/**
 * A virtio device behind a vhost-user session. All methods are called by the session's thread, and those that touch rings
 * return only when whoever serves the rings has done what was asked.
 */
public interface VhostUserDevice {
    /** For log lines and thread names. */
    String name();

    /** The virtio feature bits offered, without those of vhost-user itself. */
    long features();

    /** How many virtqueues the device has. */
    int queues();

    /** The largest ring it serves, a power of two. */
    int maxQueueSize();

    /** The device's configuration space; what lies behind its end reads as zero. */
    byte[] config();

    /** Whether the device can serve a link of this MTU, which the frontend has chosen. */
    boolean acceptsMtu(int mtu);

    /** Starts serving a ring, whatever is pending in it included. */
    void startRing(RingSetup setup);

    /** Enables or disables a ring that is started. */
    void enableRing(int queue, boolean enabled);

    /**
     * Stops serving a ring, one that failed to start included. Afterwards nothing of it, its descriptors or its memory is touched any more.
     *
     * @return where the ring stands, as {@link RingSetup#base} says it: everything before it is completed
     */
    int stopRing(int queue);

    /** The driver is gone: forgets what waits for it. All rings are stopped. */
    void reset();
}
