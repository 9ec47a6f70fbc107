package io.vireo.virtqueue;

import static io.vireo.virtqueue.RingFixture.BUFFERS;
import static io.vireo.virtqueue.RingFixture.GUEST;
import static io.vireo.virtqueue.RingFixture.SIZE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.driver.DriverRing;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** A device that died, without a word of where it stood, and the one that takes its ring up. */
class SucceedingDeviceTest {
    /** Packed rings that do not tell by themselves: of these, a frontend has to know. */
    private static final String TOLD = "PACKED|PACKED_EVENT|PACKED_IN_ORDER|PACKED_ALL";

    /** What a frontend tells: where a fresh ring begins, or where this one once stood. */
    private static int oldBase(DriverRing driver, int round) {
        return round % 2 == 0 ? driver.initialBase() : 3 | driver.initialBase();
    }

    private static void offer(RingFixture f, int count) {
        for (int i = 0; i < count; i++) {
            f.offer(GUEST + BUFFERS, false, 64);
        }
        f.driver.publish();
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_NONE, names = TOLD)
    void goesOnBehindWhatTheDriverSawCompleted(RingKind kind) throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            int available = 0;
            for (int round = 0; round < 200; round++) {
                DeviceRing device = f.serve(oldBase(f.driver, round), Direction.READABLE);
                int more = random.nextInt(SIZE - available + 1);
                offer(f, more);
                available += more;
                f.chains.clear();
                int taken = device.take(f.chains, available == 0 ? 1 : 1 + random.nextInt(available));
                assertNull(device.fault());
                assertTrue(taken > 0 || available == 0);
                int completed = random.nextInt(taken + 1);
                device.complete(f.chains, completed, new int[SIZE]);
                device.publish();
                for (int i = 0; i < completed; i++) {
                    assertTrue(f.driver.pollUsed() >= 0, "the driver waits where the device does not");
                }
                assertTrue(f.driver.pollUsed() < 0);
                available -= completed;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = TOLD)
    void goesOnWhereItIsToldIfTheRingDoesNotTell(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            for (int round = 0; round < 40; round++) {
                f.serveOne();
                assertEquals(
                        f.device.base(),
                        f.serve(f.device.base(), Direction.READABLE).base());
            }
        }
    }

    /** The first one's flags are written last, and the driver looks at no other before. */
    @ParameterizedTest
    @EnumSource(names = "PACKED_INDIRECT")
    void makesAnEndOfABatchThatTheDriverHasNotSeen(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.WRITABLE)) {
            DeviceRing device = f.device;
            for (int round = 0; round < 20; round++) { // at each place, also over the ring's end
                for (int i = 0; i < 5; i++) {
                    f.offer(GUEST + BUFFERS + 64L * i, true, 64);
                }
                f.driver.publish();
                f.chains.clear();
                assertEquals(3, device.take(f.chains, 3));
                device.complete(f.chains, 3, new int[] {10, 20, 30});
                assertTrue(f.driver.pollUsed() < 0); // and here it died

                device = f.serve(oldBase(f.driver, round), Direction.WRITABLE);
                assertEquals(0, (int) (f.driver.pollUsed() >>> 32), "nobody knows how much was written there");
                assertEquals(20, (int) (f.driver.pollUsed() >>> 32));
                assertEquals(30, (int) (f.driver.pollUsed() >>> 32));
                assertTrue(f.driver.pollUsed() < 0);
                f.chains.clear();
                assertEquals(2, device.take(f.chains, 5));
                device.complete(f.chains, 2, new int[] {40, 50});
                device.publish();
                assertEquals(40, (int) (f.driver.pollUsed() >>> 32));
                assertEquals(50, (int) (f.driver.pollUsed() >>> 32));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void interruptsForWhatTheOneBeforeCompletedWithoutAnInterrupt(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            f.serveOne();
            offer(f, 2);
            f.driver.requestInterrupts(true);
            f.chains.clear();
            assertEquals(1, f.device.take(f.chains, 1));
            f.device.complete(f.chains);
            f.device.publish(); // and here it died

            DeviceRing device = f.serve(f.device.base(), Direction.READABLE);
            assertTrue(device.isPublicationDue());
            device.publish();
            assertTrue(device.wantsInterrupt());
            assertFalse(device.isPublicationDue());
            f.driver.pollUsed();
            assertTrue(f.driver.pollUsed() < 0);
        }
    }

    /** Whatever the guest writes there, it harms itself alone. */
    @ParameterizedTest
    @EnumSource(names = "PACKED_INDIRECT")
    void survivesAnyFlags(RingKind kind) throws Exception {
        SplittableRandom random = new SplittableRandom(8);
        for (int round = 0; round < 2000; round++) {
            try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
                for (int i = 0; i < SIZE; i++) {
                    f.forgePacked(i, GUEST + BUFFERS, 64, 0);
                    f.forgeFlags(i, random.nextInt(0x1_0000) & 0x8080);
                }
                DeviceRing device = f.serve(f.driver.initialBase(), Direction.READABLE);
                f.chains.clear();
                int taken = device.take(f.chains, SIZE);
                assertTrue(taken <= SIZE);
                device.complete(f.chains);
                device.publish();
            }
        }
    }
}
