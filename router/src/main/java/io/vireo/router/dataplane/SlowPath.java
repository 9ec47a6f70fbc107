package io.vireo.router.dataplane;

import io.vireo.virtqueue.device.RingFault;

/** Where the data plane hands what it does not do itself. Called on the reactor's thread; nothing here blocks. */
public interface SlowPath {
    /**
     * Frames of one guest that the address service may hold at a time. All that are held are answered with one sync of the
     * journal, which takes milliseconds.
     */
    int SHARE = 32;

    /** Passes a frame of the batch on, copied. @return false if there is no room */
    boolean punt(NetPort port, FrameBatch batch, int frame);

    /** Reports a source MAC that is not the port's. @return false if there was no room for the report */
    boolean spoofedMac(NetPort port, long mac);

    /** Reports that the port stopped. */
    void portBroken(NetPort port, RingFault fault);
}
