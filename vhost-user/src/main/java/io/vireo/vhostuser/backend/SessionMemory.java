package io.vireo.vhostuser.backend;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.linux.Fd;
import io.vireo.vhostuser.ProtocolViolation;
import java.io.IOException;
import java.util.List;

/**
 * The guest's memory as the frontend tells of it: as a whole, or region by region. Each change is a new snapshot, to which the
 * rings move before the one before is unmapped.
 *
 * <p>QEMU before 8.1 tells of each region once for every pair of queues: so a region that is there may be added again, and one
 * that is gone removed again, which changes nothing.
 *
 * <p>Descriptors that a change takes over are removed from the list that they come in.
 */
final class SessionMemory {
    private final SessionRings rings;
    private GuestMemory memory = GuestMemory.empty();

    SessionMemory(SessionRings rings) {
        this.rings = rings;
    }

    void setTable(List<MemoryRegion> table, List<Fd> fds) throws IOException {
        List<Fd> files = List.copyOf(fds);
        fds.clear(); // the memory's from here on, whether it can be mapped or not
        replace(GuestMemory.map(table, files), false);
    }

    void add(MemoryRegion region, List<Fd> fds) throws IOException {
        if (fds.size() != 1) {
            throw new ProtocolViolation("ADD_MEM_REG with " + fds.size() + " descriptors, expected 1");
        }
        if (!memory.contains(region)) {
            replace(memory.plus(region, fds.removeFirst()), true);
        }
    }

    /** Some frontends pass the region's descriptor here too: it stays in the list, to be closed. */
    void remove(MemoryRegion region, List<Fd> fds) throws IOException {
        if (fds.size() > 1) {
            throw new ProtocolViolation("REM_MEM_REG with " + fds.size() + " descriptors, expected 0 or 1");
        }
        if (memory.contains(region)) {
            replace(memory.minus(region), true);
        }
    }

    /** @param byRegion a frontend that changes a region removes it and adds it again: meanwhile, rings in it wait */
    private void replace(GuestMemory next, boolean byRegion) throws ProtocolViolation {
        GuestMemory previous = memory;
        try {
            rings.setMemory(next, byRegion, () -> {
                memory = next;
                previous.closeExcept(next);
            });
        } finally {
            if (memory != next) {
                next.closeExcept(previous);
            }
        }
    }

    /** No ring is served any more. */
    void close() {
        memory.close();
    }
}
