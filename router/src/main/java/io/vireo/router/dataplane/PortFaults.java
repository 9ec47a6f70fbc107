package io.vireo.router.dataplane;

import io.vireo.linux.Doorbell;
import io.vireo.virtqueue.device.RingFault;

/** How a port comes to be served no longer: it is broken down, and those who keep the log hear why. */
final class PortFaults {
    private final Doorbell doorbell;
    private final SlowPath slowPath;

    PortFaults(Doorbell doorbell, SlowPath slowPath) {
        this.doorbell = doorbell;
        this.slowPath = slowPath;
    }

    /** Stops a port one of whose rings broke. */
    void breakIfFaulty(NetPort port) {
        RingFault fault = port.fault();
        if (fault != null && !port.isBroken()) {
            port.breakDown(doorbell);
            slowPath.portBroken(port, fault);
        }
    }

    /** Stops a port whose memory its frontend took away. */
    void lose(NetPort port) {
        port.noteMemoryLoss();
        port.breakDown(doorbell);
        slowPath.portBroken(port, RingFault.MEMORY_LOST);
    }
}
