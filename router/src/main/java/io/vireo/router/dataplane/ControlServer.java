package io.vireo.router.dataplane;

import io.vireo.linux.Doorbell;
import io.vireo.router.control.ControlCommand;
import io.vireo.router.control.ControlQueue;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceRing;

/** Serves the control queues of a reactor's ports, those that frontends hand over. Confined to the reactor's thread. */
final class ControlServer {
    /** Commands of one visit; a guest waits for each of them. */
    private static final int LIMIT = 8;

    private final ControlCommand command = new ControlCommand();
    private final int[] written = new int[LIMIT];
    private final Doorbell doorbell;

    ControlServer(Doorbell doorbell) {
        this.doorbell = doorbell;
    }

    /**
     * Does what the guest has asked for, and tells it so.
     *
     * @param chains empty; left empty, unless an InternalError tells that the guest's memory is gone
     * @return how many commands there were
     */
    int serve(NetPort port, PortRing control, DeviceRing ring, DescriptorChains chains) {
        int count = ring.take(chains, LIMIT);
        if (count > 0) {
            PortRings rings = port.rings();
            for (int chain = 0; chain < count; chain++) {
                written[chain] = serve(rings.commands(), chains, chain);
            }
            rings.commandsDone(); // before the guest knows: from then on it may count on it
            ring.complete(chains, count, written);
            chains.clear();
        }
        if (ring.isPublicationDue() && control.publish(doorbell)) {
            port.count(Counter.INTERRUPTS);
        }
        return count;
    }

    private int serve(ControlQueue commands, DescriptorChains chains, int chain) {
        command.clear();
        for (int segment = chains.firstSegment[chain]; segment < chains.firstSegment[chain + 1]; segment++) {
            boolean writable = segment >= chains.firstWritable[chain];
            command.add(chains.address[segment], chains.length[segment], writable);
        }
        return commands.serve(command);
    }
}
