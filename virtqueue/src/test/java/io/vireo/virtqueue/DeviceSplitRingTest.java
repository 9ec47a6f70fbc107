package io.vireo.virtqueue;

import static io.vireo.virtqueue.SplitRingFixture.BUFFERS;
import static io.vireo.virtqueue.SplitRingFixture.GUEST;
import static io.vireo.virtqueue.SplitRingFixture.SIZE;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_INDIRECT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_NEXT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.Memory;
import io.vireo.virtqueue.device.DeviceSplitRing;
import io.vireo.virtqueue.device.RingFault;
import io.vireo.virtqueue.device.SplitRingPlace;
import io.vireo.virtqueue.driver.DriverSplitRing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceSplitRingTest {
    @Test
    void takesChainsOfSeveralDescriptorsInOrder() throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(false, false)) {
            int first = f.offer(GUEST + BUFFERS, false, 12, 1000);
            int second = f.offer(GUEST + BUFFERS + 0x1000, false, 64);
            assertEquals(0, f.device.take(f.chains, 16), "nothing is published yet");
            f.driver.publish();

            assertEquals(2, f.device.take(f.chains, 16));
            assertEquals(first, f.chains.head[0]);
            assertEquals(second, f.chains.head[1]);
            assertEquals(1012, f.chains.bytes[0]);
            assertEquals(64, f.chains.bytes[1]);
            assertEquals(2, f.chains.firstSegment[1]);
            assertEquals(3, f.chains.firstSegment[2]);
            assertEquals(f.memory.translate(GUEST + BUFFERS + 12, 1000), f.chains.address[1]);
            assertEquals(1000, f.chains.length[1]);
            assertNull(f.device.fault());
        }
    }

    @Test
    void takesNoMoreThanAsked() throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(false, false)) {
            for (int i = 0; i < 5; i++) {
                f.offer(GUEST + BUFFERS, false, 64);
            }
            f.driver.publish();
            assertEquals(3, f.device.take(f.chains, 3));
            assertEquals(2, f.device.take(f.chains, 3));
            assertEquals(5, f.device.base());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void returnsBuffersThroughManyWrapsOfTheIndices(boolean eventIndex) throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(eventIndex, true)) {
            for (int round = 0; round < 30_000; round++) {
                int chains = 1 + round % 3;
                for (int i = 0; i < chains; i++) {
                    f.offer(GUEST + BUFFERS, true, 100, 200);
                }
                f.driver.publish();
                f.chains.clear();
                assertEquals(chains, f.device.take(f.chains, 16));
                int[] written = {round, round + 1, round + 2};
                f.device.complete(f.chains, chains, written);
                f.device.publish();
                for (int i = 0; i < chains; i++) {
                    assertEquals((long) (round + i) << 32 | f.chains.head[i], f.driver.pollUsed());
                }
                assertEquals(DriverSplitRing.NONE, f.driver.pollUsed());
            }
            assertEquals(SIZE, f.driver.freeDescriptors());
        }
    }

    @Test
    void givesRewoundChainsAgain() throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(false, true)) {
            f.offer(GUEST + BUFFERS, true, 64);
            f.offer(GUEST + BUFFERS, true, 65);
            f.driver.publish();
            f.device.take(f.chains, 1);
            int position = f.device.position();
            f.device.take(f.chains, 1);
            f.device.rewind(position);
            f.chains.truncate(1);
            assertEquals(1, f.device.take(f.chains, 5));
            assertEquals(65, f.chains.bytes[1]);
        }
    }

    @Test
    void continuesAtTheGivenIndex() throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(false, false)) {
            f.offer(GUEST + BUFFERS, false, 64);
            f.offer(GUEST + BUFFERS, false, 65);
            f.driver.publish();
            f.device.take(f.chains, 1);
            f.device.complete(f.chains);
            f.device.publish();

            DeviceSplitRing next = new DeviceSplitRing(f.memory, f.place(), f.device.base(), false, false);
            f.chains.clear();
            assertEquals(1, next.take(f.chains, 5));
            assertEquals(65, f.chains.bytes[0]);
            next.complete(f.chains);
            next.publish();
            assertEquals(0, (int) f.driver.pollUsed());
            assertEquals(1, (int) f.driver.pollUsed());
        }
    }

    @Test
    void skipsEmptySegmentsWhateverTheirAddress() throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(false, false)) {
            f.offer(GUEST + BUFFERS, false, 64, 65);
            f.forge(0, -1, 0, DESCRIPTOR_F_NEXT, 1);
            f.driver.publish();
            assertEquals(1, f.device.take(f.chains, 1));
            assertEquals(1, f.chains.firstSegment[1]);
            assertEquals(65, f.chains.bytes[0]);
        }
    }

    @Test
    void breaksOnALoop() throws Exception {
        assertBroken(RingFault.CHAIN_TOO_LONG, f -> f.forge(0, GUEST, 1, DESCRIPTOR_F_NEXT, 0));
    }

    @Test
    void breaksOnANextOutsideTheTable() throws Exception {
        assertBroken(RingFault.NEXT_OUT_OF_RANGE, f -> f.forge(0, GUEST, 1, DESCRIPTOR_F_NEXT, SIZE));
    }

    @Test
    void breaksOnAHeadOutsideTheTable() throws Exception {
        assertBroken(RingFault.HEAD_OUT_OF_RANGE, f -> f.forgeAvailable(1, SIZE));
    }

    @Test
    void breaksOnAnAvailableIndexTooFarAhead() throws Exception {
        assertBroken(RingFault.AVAILABLE_INDEX_TOO_FAR, f -> f.forgeAvailable(SIZE + 1, 0));
    }

    @Test
    void breaksOnAnAvailableIndexThatWentBack() throws Exception {
        assertBroken(RingFault.AVAILABLE_INDEX_TOO_FAR, f -> f.forgeAvailable(-1, 0));
    }

    @Test
    void breaksOnAnIndirectDescriptor() throws Exception {
        assertBroken(RingFault.INDIRECT_NOT_NEGOTIATED, f -> f.forge(0, GUEST, 16, DESCRIPTOR_F_INDIRECT, 0));
    }

    @Test
    void breaksOnABufferOfTheWrongDirection() throws Exception {
        assertBroken(RingFault.WRONG_DIRECTION, f -> f.forge(0, GUEST, 16, DESCRIPTOR_F_WRITE, 0));
    }

    @Test
    void breaksOnAnAddressOutsideTheMemory() throws Exception {
        assertBroken(RingFault.ADDRESS_OUTSIDE_MEMORY, f -> f.forge(0, GUEST + 0xffff, 2, 0, 0));
    }

    @Test
    void breaksOnALengthThatIsNegativeAsAnInt() throws Exception {
        assertBroken(RingFault.ADDRESS_OUTSIDE_MEMORY, f -> f.forge(0, GUEST, -1, 0, 0));
    }

    @Test
    void servesTheChainsBeforeTheBrokenOne() throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(false, false)) {
            f.offer(GUEST + BUFFERS, false, 64);
            f.offer(GUEST + BUFFERS, false, 10, 65);
            f.forge(2, -1, 65, 0, 0);
            f.driver.publish();
            assertEquals(1, f.device.take(f.chains, 5));
            assertEquals(RingFault.ADDRESS_OUTSIDE_MEMORY, f.device.fault());
            assertEquals(1, f.chains.firstSegment[1]);
            assertEquals(0, f.device.take(f.chains, 5));
            assertEquals(1, f.device.base());
        }
    }

    @Test
    void interruptsUnlessTheDriverSaidNo() throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(false, false)) {
            serveOne(f);
            assertTrue(f.device.wantsInterrupt());
            assertFalse(f.device.wantsInterrupt(), "nothing new since");
            f.driver.requestInterrupts(false);
            serveOne(f);
            assertFalse(f.device.wantsInterrupt());
        }
    }

    @Test
    void interruptsOnlyWhenTheEventIndexIsPassed() throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(true, false)) {
            f.driver.requestInterrupts(true);
            serveOne(f);
            assertTrue(f.device.wantsInterrupt());
            serveOne(f);
            assertFalse(f.device.wantsInterrupt(), "the event index lies behind");
            f.driver.requestInterrupts(true);
            serveOne(f);
            assertTrue(f.device.wantsInterrupt());
            f.driver.requestInterrupts(false);
            serveOne(f);
            assertFalse(f.device.wantsInterrupt());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isKickedOnlyAfterAskingForIt(boolean eventIndex) throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(eventIndex, false)) {
            assertFalse(f.device.requestKicks());
            f.offer(GUEST + BUFFERS, false, 64);
            assertTrue(f.driver.publish());
            assertTrue(f.device.requestKicks(), "a chain is waiting");
            f.device.suppressKicks();
            f.chains.clear();
            f.device.take(f.chains, 1);
            f.offer(GUEST + BUFFERS, false, 64);
            assertFalse(f.driver.publish());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isKickedForMoreChainsThanWereTooFew(boolean eventIndex) throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(eventIndex, true)) {
            f.offer(GUEST + BUFFERS, true, 64);
            f.driver.publish();
            f.device.take(f.chains, 1);
            f.device.take(f.chains, 1); // in vain: so it has seen all there is
            f.device.rewind(0);

            assertFalse(f.device.requestKicksForMore(), "what is there was too little");
            f.offer(GUEST + BUFFERS, true, 64);
            assertTrue(f.driver.publish());
            assertTrue(f.device.requestKicksForMore());
        }
    }

    /**
     * In compiled code an access to a page that is gone is skipped, and what it should have loaded is whatever the register
     * held; the error follows a little later. No such value may become an address. If one does, this test ends the JVM.
     */
    @Test
    void survivesMemoryThatVanishesUnderCompiledCode() throws Exception {
        int[] rounds = new int[1];
        int noticed = 0;
        while (rounds[0] < 300) {
            try { // round all of it: the error may be told at the loop's back edge
                noticed += loseMemory(rounds, 300);
            } catch (InternalError e) {
                noticed++;
            }
        }
        assertTrue(noticed > 0, "neither did a ring break nor the JVM complain");
    }

    /** @return how many rings broke */
    private static int loseMemory(int[] rounds, int limit) throws Exception {
        int broken = 0;
        while (rounds[0] < limit) {
            rounds[0]++;
            try (SplitRingFixture f = new SplitRingFixture(rounds[0] % 2 == 0, false)) {
                for (int i = 0; i < 500; i++) { // the first rounds make the compiler interested
                    serveOne(f);
                }
                for (int i = 0; i < SIZE; i++) {
                    f.offer(GUEST + BUFFERS, false, 64);
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

    @Test
    void locatesOnlyRingsInsideTheGuestsMemory() throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(false, false)) {
            long user = SplitRingFixture.USER;
            long end = user + f.shared.size();
            assertThrows(
                    IllegalArgumentException.class, () -> SplitRingPlace.locate(f.memory, 8, end - 64, user, user));
            assertThrows(IllegalArgumentException.class, () -> SplitRingPlace.locate(f.memory, 8, user, 0, user));
            assertThrows(
                    IllegalArgumentException.class, () -> SplitRingPlace.locate(f.memory, 8, user, user + 1, user));
            assertThrows(
                    IllegalArgumentException.class, () -> SplitRingPlace.locate(f.memory, 8, user, user, user + 2));
            assertThrows(IllegalArgumentException.class, () -> SplitRingPlace.locate(f.memory, 12, user, user, user));
            assertThrows(IllegalArgumentException.class, () -> SplitRingPlace.locate(f.memory, 0, user, user, user));
        }
    }

    private static void serveOne(SplitRingFixture f) {
        f.offer(GUEST + BUFFERS, false, 64);
        f.driver.publish();
        f.chains.clear();
        assertEquals(1, f.device.take(f.chains, 1));
        f.device.complete(f.chains);
        f.device.publish();
        f.driver.pollUsed();
    }

    private interface Sabotage {
        void of(SplitRingFixture fixture);
    }

    private static void assertBroken(RingFault expected, Sabotage sabotage) throws Exception {
        try (SplitRingFixture f = new SplitRingFixture(false, false)) {
            f.offer(GUEST + BUFFERS, false, 64);
            f.driver.publish();
            sabotage.of(f);
            assertEquals(0, f.device.take(f.chains, 16));
            assertEquals(expected, f.device.fault());
            assertEquals(0, f.chains.count());
        }
    }
}
