package io.vireo.vhostuser.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.linux.Fd;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.VhostUserMessage;
import io.vireo.vhostuser.backend.RecordingDevice.Enabled;
import io.vireo.vhostuser.backend.RecordingDevice.Event;
import io.vireo.vhostuser.backend.RecordingDevice.Started;
import io.vireo.vhostuser.backend.RecordingDevice.Stopped;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Memory that comes and goes region by region, under rings that run. */
@Timeout(20)
class MemorySlotsTest {
    /** A region without rings, for the guest behind the one that {@link FrontendMemory} is. */
    private static final MemoryRegion MORE = new MemoryRegion(0x8000_0000L, 0x4000, 0x7100_0000_0000L, 0x4000);

    @TempDir
    private Path folder;

    private SessionFixture f;

    @BeforeEach
    void serve() throws Exception {
        f = new SessionFixture(folder);
    }

    @AfterEach
    void close() {
        f.close();
    }

    @Test
    void tellsHowManyThereAre() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            assertEquals(GuestMemory.MAX_REGIONS, frontend.getMaxMemorySlots());
        }
    }

    @Test
    void isWhatRingsRunInAsMuchAsATable() throws Exception {
        try (VhostUserFrontend frontend = f.connect()) {
            frontend.setProtocolFeatures(frontend.getProtocolFeatures());
            frontend.setFeatures(frontend.getFeatures());
            frontend.addMemoryRegion(f.memory.table().getFirst(), f.memory.file);
            RingSetup setup = f.start(frontend, 0, 0);
            assertEquals(
                    setup.memory().translateUser(f.memory.used(0), 1),
                    setup.place().device());
        }
    }

    @Test
    void aRegionMoreLeavesTheOthersWhereTheyAre() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            RingSetup before = f.start(frontend, 0, 10);
            f.device.serve(0, 5);
            frontend.addMemoryRegion(MORE, f.memory.file);
            assertEquals(new Stopped(0), f.device.await(Event.class));
            RingSetup after = f.device.await(Started.class).setup();
            assertEquals(15, after.base());
            assertEquals(before.place(), after.place());
            assertEquals(GuestMemory.INVALID, before.memory().translate(MORE.guestAddress(), 1));
            assertNotEquals(GuestMemory.INVALID, after.memory().translate(MORE.guestAddress(), 1));
            assertEquals(2, SessionFixture.mappings());

            frontend.removeMemoryRegion(MORE);
            assertEquals(new Stopped(0), f.device.await(Event.class));
            RingSetup last = f.device.await(Started.class).setup();
            assertEquals(before.place(), last.place());
            assertEquals(GuestMemory.INVALID, last.memory().translate(MORE.guestAddress(), 1));
            assertEquals(1, SessionFixture.mappings());
        }
    }

    /** QEMU does so when a region grows. */
    @Test
    void aRingWhoseMemoryIsAwayWaitsForItToComeBack() throws Exception {
        MemoryRegion region = f.memory.table().getFirst();
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.start(frontend, 1, 10);
            f.device.serve(1, 5);
            frontend.removeMemoryRegion(region);
            assertEquals(new Stopped(1), f.device.await(Event.class));
            frontend.setVringEnable(1, true);
            frontend.setVringCall(1, f.error.fd());
            frontend.addMemoryRegion(MORE, f.memory.file);
            assertTrue(f.device.events.isEmpty(), "it waits");

            frontend.addMemoryRegion(region, f.memory.file);
            RingSetup after = f.device.await(Started.class).setup();
            assertEquals(15, after.base());
            assertTrue(after.enabled());
            assertNotNull(after.call());
            frontend.setVringEnable(1, false);
            assertEquals(new Enabled(1, false), f.device.await(Event.class));
        }
    }

    @Test
    void aRingThatWaitsForItsMemoryCanBeStopped() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.start(frontend, 1, 10);
            frontend.removeMemoryRegion(f.memory.table().getFirst());
            f.device.await(Stopped.class);
            assertEquals(10, frontend.getVringBase(1));
            frontend.addMemoryRegion(f.memory.table().getFirst(), f.memory.file);
            assertTrue(f.device.events.isEmpty());
        }
    }

    /** QEMU before 8.1 does so with each pair of queues. */
    @Test
    void aRegionCanBeAddedAndRemovedMoreThanOnce() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.start(frontend, 0, 0);
            frontend.addMemoryRegion(f.memory.table().getFirst(), f.memory.file);
            frontend.removeMemoryRegion(MORE);
            assertTrue(f.device.events.isEmpty(), "nothing has changed");
            assertEquals(1, SessionFixture.mappings());
        }
    }

    @Test
    void aDescriptorThatComesWithARemovalIsClosed() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            frontend.addMemoryRegion(MORE, f.memory.file);
            int descriptors = SessionFixture.openDescriptors();
            frontend.tell(VhostUserMessage.of(Request.REM_MEM_REG, Payload.memoryRegion(MORE))
                    .withFds(List.of(f.memory.file)));
            assertEquals(descriptors - 1, SessionFixture.openDescriptors());
        }
    }

    @Test
    void slotsThatAreFreeAgainCanBeUsedAgain() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            for (int i = 0; i < 3 * GuestMemory.MAX_REGIONS; i++) {
                frontend.addMemoryRegion(MORE, f.memory.file);
                frontend.removeMemoryRegion(MORE);
            }
            Fd file = f.memory.file;
            for (int i = 1; i < GuestMemory.MAX_REGIONS; i++) {
                frontend.addMemoryRegion(new MemoryRegion(i * 0x1_0000_0000L, 0x1000, 0, 0), file);
            }
            assertEquals(GuestMemory.MAX_REGIONS, SessionFixture.mappings());
        }
        f.log.awaitEndOfSession();
        assertEquals(0, SessionFixture.mappings());
    }
}
