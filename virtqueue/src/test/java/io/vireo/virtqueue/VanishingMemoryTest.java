package io.vireo.virtqueue;

import static io.vireo.virtqueue.RingFixture.BUFFERS;
import static io.vireo.virtqueue.RingFixture.GUEST;
import static io.vireo.virtqueue.RingFixture.SIZE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.Memory;
import io.vireo.virtqueue.device.Direction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * In compiled code an access to a page that is gone is skipped, and what it should have loaded is whatever the register
 * held; the error follows a little later. No such value may become an address. If one does, this test ends the JVM.
 */
class VanishingMemoryTest {
    private static final int ROUNDS = 200;

    @ParameterizedTest
    @EnumSource
    void isSurvivedByCompiledCode(RingKind kind) throws Exception {
        int[] rounds = new int[1];
        int noticed = 0;
        while (rounds[0] < ROUNDS) {
            try { // round all of it: the error may be told at the loop's back edge
                noticed += loseMemory(rounds, kind);
            } catch (InternalError e) {
                noticed++;
            }
        }
        assertTrue(noticed > 0, "neither did a ring break nor the JVM complain");
    }

    /** @return how many rings broke */
    private static int loseMemory(int[] rounds, RingKind kind) throws Exception {
        int broken = 0;
        while (rounds[0] < ROUNDS) {
            rounds[0]++;
            try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
                for (int i = 0; i < 500; i++) { // the first rounds make the compiler interested
                    f.serveOne();
                    serveLong(f);
                }
                for (int i = 0; i < SIZE / 2; i++) {
                    f.offer(GUEST + BUFFERS, false, rounds[0] % 2 == 0 ? new int[] {64} : new int[] {64, 65});
                }
                f.driver.publish();
                f.chains.clear();
                assertEquals(1, f.device.take(f.chains, 1), "now it knows of the others");
                Memory.truncate(f.shared.fd(), 0);
                f.device.take(f.chains, SIZE);
                broken += f.device.fault() == null ? 0 : 1;
            }
        }
        return broken;
    }

    /** Chains of several buffers, in batches. */
    private static void serveLong(RingFixture f) {
        f.offer(GUEST + BUFFERS, false, 64);
        f.offer(GUEST + BUFFERS, false, 64, 65);
        f.offer(GUEST + BUFFERS, false, 66);
        f.driver.publish();
        f.chains.clear();
        assertEquals(3, f.device.take(f.chains, SIZE));
        f.device.complete(f.chains);
        f.device.publish();
        for (int i = 0; i < 3; i++) {
            f.driver.pollUsed();
        }
    }
}
