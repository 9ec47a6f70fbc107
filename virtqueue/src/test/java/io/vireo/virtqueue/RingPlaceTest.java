package io.vireo.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.device.RingPlace;
import org.junit.jupiter.api.Test;

class RingPlaceTest {
    private static final long USER = RingFixture.USER;

    private interface Locator {
        RingPlace locate(GuestMemory memory, int size, long descriptors, long driver, long device);
    }

    @Test
    void aSplitRingLiesWhollyInsideTheGuestsMemory() throws Exception {
        assertLocatesOnlyInside(RingKind.SPLIT, RingPlace::split, 1, 2, 8 * 2 + 6, 8 * 8 + 6);
    }

    @Test
    void aPackedRingLiesWhollyInsideTheGuestsMemory() throws Exception {
        assertLocatesOnlyInside(RingKind.PACKED, RingPlace::packed, 2, 2, 4, 4);
    }

    /** @param driverOff how far off the driver's area is misaligned */
    private static void assertLocatesOnlyInside(
            RingKind kind, Locator locator, int driverOff, int deviceOff, int driverSize, int deviceSize)
            throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            GuestMemory memory = f.memory;
            long end = USER + f.shared.size();
            RingPlace last =
                    locator.locate(memory, 8, end - 128, end - ((driverSize + 3) & -4), end - ((deviceSize + 3) & -4));
            long expected = memory.translateUser(end - 128, 128);
            assertEquals(HostMemory.absolute(expected, 128), HostMemory.absolute(last.descriptors(), 128));
            refuses(() -> locator.locate(memory, 8, end - 64, USER, USER));
            refuses(() -> locator.locate(memory, 8, USER, 0, USER));
            refuses(() -> locator.locate(memory, 8, USER, end - driverSize + 2, USER));
            refuses(() -> locator.locate(memory, 8, USER, USER, end - deviceSize + 2));
            refuses(() -> locator.locate(memory, 8, USER + 8, USER, USER));
            refuses(() -> locator.locate(memory, 8, USER, USER + driverOff, USER));
            refuses(() -> locator.locate(memory, 8, USER, USER, USER + deviceOff));
            refuses(() -> locator.locate(memory, 12, USER, USER, USER));
            refuses(() -> locator.locate(memory, 0, USER, USER, USER));
            refuses(() -> locator.locate(memory, 65_536, USER, USER, USER));
        }
    }

    private static void refuses(Runnable location) {
        assertThrows(IllegalArgumentException.class, location::run);
    }
}
