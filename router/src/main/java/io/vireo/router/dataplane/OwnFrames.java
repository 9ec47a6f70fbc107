package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Frames of our own to a guest. They go through its backlog, so that they keep their place. */
final class OwnFrames {
    /** There is no place. */
    static final long NONE = -1;

    private OwnFrames() {}

    /**
     * Makes a place for a frame at the end of what waits for the guest, which gets it soon.
     *
     * @param length bytes from the Ethernet header on
     * @return where to write them, at once, or {@link #NONE}: then the reason is counted
     */
    static long append(NetPort port, int length) {
        Receiver receiver = port.receiver(FlowHash.NONE);
        if (!port.canReceive(receiver)) {
            port.count(Counter.RX_DROP_NOT_READY);
            return NONE;
        }
        long address = receiver.backlog.append(VirtioNetHeader.SIZE + length);
        if (address == Backlog.FULL) {
            receiver.countBacklogFull();
            return NONE;
        }
        VirtioNetHeader.writePlain(address, 0);
        port.wake();
        return address + VirtioNetHeader.SIZE;
    }

    /**
     * Sends a frame.
     *
     * @param frame from the Ethernet header on; not kept
     */
    static void send(NetPort port, byte[] frame) {
        long address = append(port, frame.length);
        if (address != NONE) {
            MemorySegment.copy(frame, 0, HostMemory.ALL, ValueLayout.JAVA_BYTE, address, frame.length);
        }
    }
}
