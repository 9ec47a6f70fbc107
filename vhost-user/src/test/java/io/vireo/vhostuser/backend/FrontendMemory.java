package io.vireo.vhostuser.backend;

import io.vireo.hugepages.MemoryRegion;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Memory;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import java.io.IOException;
import java.util.List;

/** A guest's memory file as its VMM has it, with a place for each ring. Never mapped here: each mapping is a session's. */
final class FrontendMemory implements AutoCloseable {
    static final String NAME = "session-test-guest";
    static final long GUEST = 0x1000_0000L;
    static final long SIZE = 0x1_0000;
    static final int RING_SIZE = 64;

    private static final long RING_STRIDE = 0x4000;
    private static final long AVAILABLE = 0x1000;
    private static final long USED = 0x2000;

    final Fd file;
    /** Where it lies for the frontend. */
    final long user;

    FrontendMemory(long user) throws LinuxException {
        this.user = user;
        file = Memory.memfdCreate(NAME, false);
        Memory.truncate(file, SIZE);
    }

    List<MemoryRegion> table() {
        return List.of(new MemoryRegion(GUEST, SIZE, user, 0));
    }

    long descriptors(int queue) {
        return user + queue * RING_STRIDE;
    }

    long available(int queue) {
        return descriptors(queue) + AVAILABLE;
    }

    long used(int queue) {
        return descriptors(queue) + USED;
    }

    void tell(VhostUserFrontend frontend) throws IOException {
        frontend.setMemTable(table(), List.of(file));
    }

    void tellAddresses(VhostUserFrontend frontend, int queue) throws IOException {
        frontend.setVringAddr(queue, descriptors(queue), used(queue), available(queue));
    }

    @Override
    public void close() {
        file.close();
    }
}
