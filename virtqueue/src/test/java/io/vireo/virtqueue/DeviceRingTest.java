package io.vireo.virtqueue;

import static io.vireo.virtqueue.RingFixture.BUFFERS;
import static io.vireo.virtqueue.RingFixture.GUEST;
import static io.vireo.virtqueue.RingFixture.SIZE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.driver.DriverRing;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What all rings do, device and driver side against each other. */
class DeviceRingTest {
    @ParameterizedTest
    @EnumSource
    void takesChainsOfSeveralDescriptorsInOrder(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
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
            assertEquals(2, f.chains.firstWritable[0], "none is writable");
            long expected = f.memory.translate(GUEST + BUFFERS + 12, 1000);
            assertEquals(HostMemory.absolute(expected, 1000), HostMemory.absolute(f.chains.address[1], 1000));
            assertEquals(1000, f.chains.length[1]);
            assertNull(f.device.fault());
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesNoMoreThanAsked(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            for (int i = 0; i < 5; i++) {
                f.offer(GUEST + BUFFERS, false, 64);
            }
            f.driver.publish();
            assertEquals(3, f.device.take(f.chains, 3));
            assertEquals(2, f.device.take(f.chains, 3));
            assertEquals(5, f.device.base() & 0x7fff);
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesNoMoreThanFits(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            DescriptorChains two = new DescriptorChains(2, 64);
            DescriptorChains few = new DescriptorChains(16, SIZE + 2);
            for (int i = 0; i < 5; i++) {
                f.offer(GUEST + BUFFERS, false, 64);
            }
            f.driver.publish();
            assertEquals(2, f.device.take(two, 16));
            assertEquals(0, f.device.take(two, 16));
            assertEquals(3, f.device.take(few, 16), "the next could be as long as the ring");
        }
    }

    @ParameterizedTest
    @EnumSource
    void returnsBuffersThroughManyWraps(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.WRITABLE)) {
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
                assertEquals(DriverRing.NONE, f.driver.pollUsed(), "not published yet");
                f.device.publish();
                for (int i = 0; i < chains; i++) {
                    assertEquals((long) (round + i) << 32 | f.chains.head[i], f.driver.pollUsed());
                }
                assertEquals(DriverRing.NONE, f.driver.pollUsed());
            }
            assertEquals(SIZE, f.driver.freeDescriptors());
        }
    }

    @ParameterizedTest
    @EnumSource
    void returnsWholeBatchesThroughManyWraps(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            for (int round = 0; round < 30_000; round++) {
                int chains = 1 + round % 5;
                for (int i = 0; i < chains; i++) {
                    f.offer(GUEST + BUFFERS, false, i == 1 ? new int[] {64, 65, 66} : new int[] {64});
                }
                f.driver.publish();
                f.chains.clear();
                assertEquals(chains, f.device.take(f.chains, 16));
                f.device.complete(f.chains);
                f.device.publish();
                for (int i = 0; i < chains; i++) {
                    assertEquals(f.chains.head[i], f.driver.pollUsed());
                }
                assertEquals(DriverRing.NONE, f.driver.pollUsed());
            }
            assertEquals(SIZE, f.driver.freeDescriptors());
        }
    }

    @ParameterizedTest
    @EnumSource
    void showsSeveralCompletionsAtOnce(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            for (int round = 0; round < 20; round++) {
                int first = f.offer(GUEST + BUFFERS, false, 64);
                int second = f.offer(GUEST + BUFFERS, false, 64, 65);
                f.driver.publish();
                for (int i = 0; i < 2; i++) {
                    f.chains.clear();
                    f.device.take(f.chains, 1);
                    f.device.complete(f.chains);
                }
                assertEquals(DriverRing.NONE, f.driver.pollUsed());
                f.device.publish();
                assertEquals(first, f.driver.pollUsed());
                assertEquals(second, f.driver.pollUsed());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = ".*IN_ORDER")
    void tellsOnlyOfTheLastChainOfABatchWhereThatIsEnough(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            for (int i = 0; i < 5; i++) {
                f.offer(GUEST + BUFFERS, false, 64);
            }
            f.driver.publish();
            f.device.take(f.chains, 16);
            f.device.complete(f.chains);
            f.device.publish();
            if (kind.isPacked()) {
                int flags = PackedRingLayout.usedFlags(0, SIZE);
                assertEquals(4L << 32 | (long) flags << 48, HostMemory.getLong(f.driver.descriptors() + 8));
                long second = HostMemory.getLong(f.driver.descriptors() + 16 + 8);
                assertEquals(64 | 1L << 32 | (long) PackedRingLayout.availableFlags(1, SIZE) << 48, second);
            } else {
                assertEquals(4, HostMemory.getLong(f.driver.used() + 4));
                assertEquals(0, HostMemory.getLong(f.driver.used() + 12));
            }
            for (int i = 0; i < 5; i++) {
                assertEquals(i, f.driver.pollUsed());
                assertEquals(i < 4, f.driver.requestInterrupts(true));
            }
            assertEquals(DriverRing.NONE, f.driver.pollUsed());
        }
    }

    @ParameterizedTest
    @EnumSource
    void givesRewoundChainsAgain(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.WRITABLE)) {
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
            assertEquals(position, f.chains.position[1]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void givesAgainOnlyWhatAnInterruptedCompletionLeft(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.WRITABLE)) {
            int position = f.device.position();
            int[] heads = new int[3];
            for (int i = 0; i < heads.length; i++) {
                heads[i] = f.offer(GUEST + BUFFERS, true, 64);
            }
            f.driver.publish();
            assertEquals(3, f.device.take(f.chains, 5));
            int[] tooFew = {10, 11};
            assertThrows(ArrayIndexOutOfBoundsException.class, () -> f.device.complete(f.chains, 3, tooFew));
            f.device.rewind(position);
            assertTrue(f.device.isPublicationDue());
            f.chains.clear();
            assertEquals(1, f.device.take(f.chains, 5));
            f.device.complete(f.chains, 1, new int[] {12});
            assertEquals(DriverRing.NONE, f.driver.pollUsed());
            f.device.publish();
            for (int i = 0; i < heads.length; i++) {
                assertEquals((10L + i) << 32 | heads[i], f.driver.pollUsed());
            }
            f.device.wantsInterrupt();
            assertFalse(f.device.isPublicationDue());
        }
    }

    @ParameterizedTest
    @EnumSource
    void continuesWhereTheOneBeforeStopped(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            DeviceRing device = f.device;
            for (int round = 0; round < 40; round++) {
                int first = f.offer(GUEST + BUFFERS, false, 64);
                int second = f.offer(GUEST + BUFFERS, false, 64, 65);
                f.driver.publish();
                f.chains.clear();
                assertEquals(1, device.take(f.chains, 1));
                device.complete(f.chains);
                device.publish();

                int base = device.base();
                device = f.serve(round % 2 == 0 ? base : base & 0xffff, Direction.READABLE);
                assertEquals(base, device.base());
                f.chains.clear();
                assertEquals(1, device.take(f.chains, 5));
                assertEquals(129, f.chains.bytes[0]);
                device.complete(f.chains);
                device.publish();
                assertEquals(first, (int) f.driver.pollUsed());
                assertEquals(second, (int) f.driver.pollUsed());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesRequestsWithRoomForTheirAnswers(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.BOTH)) {
            f.driver.begin();
            f.driver.add(GUEST + BUFFERS, 2, false);
            f.driver.add(GUEST + BUFFERS + 2, 6, false);
            f.driver.add(GUEST + BUFFERS + 8, 1, true);
            int head = f.driver.end();
            f.offer(GUEST + BUFFERS, false, 64);
            f.offer(GUEST + BUFFERS, true, 65);
            f.driver.publish();
            assertEquals(3, f.device.take(f.chains, 5));
            assertEquals(2, f.chains.firstWritable[0]);
            assertEquals(9, f.chains.bytes[0]);
            assertEquals(4, f.chains.firstWritable[1], "the second has none");
            assertEquals(4, f.chains.firstWritable[2], "the third has nothing else");
            f.device.complete(f.chains, 3, new int[] {1, 0, 65});
            f.device.publish();
            assertEquals(1L << 32 | head, f.driver.pollUsed());
        }
    }

    @ParameterizedTest
    @EnumSource
    void interruptsUnlessTheDriverSaidNo(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            f.serveOne();
            assertTrue(f.device.wantsInterrupt());
            assertFalse(f.device.wantsInterrupt(), "nothing new since");
            f.driver.requestInterrupts(false);
            for (int i = 0; i < 3 * SIZE; i++) {
                f.serveOne();
                assertFalse(f.device.wantsInterrupt());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_ANY,
            names = {".*EVENT", ".*ALL"})
    void interruptsOnlyWhenTheEventIndexIsPassed(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            for (int round = 0; round < 3 * SIZE; round++) {
                f.driver.requestInterrupts(true);
                f.serveOne();
                assertTrue(f.device.wantsInterrupt());
                f.serveOne();
                assertFalse(f.device.wantsInterrupt(), "the event index lies behind");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void isKickedOnlyAfterAskingForIt(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            for (int round = 0; round < 3 * SIZE; round++) {
                f.device.suppressKicks();
                f.serveOne();
                assertFalse(f.device.requestKicks());
                assertTrue(f.driver.isKickWanted());
                f.offer(GUEST + BUFFERS, false, 64);
                assertTrue(f.driver.publish());
                assertTrue(f.device.requestKicks(), "a chain is waiting");
                f.device.suppressKicks();
                f.chains.clear();
                f.device.take(f.chains, 1);
                f.offer(GUEST + BUFFERS, false, 64);
                assertFalse(f.driver.publish());
                f.device.take(f.chains, 1);
                f.device.complete(f.chains);
                f.device.publish();
                f.driver.pollUsed();
                f.driver.pollUsed();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void isKickedForMoreChainsThanWereTooFew(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.WRITABLE)) {
            int position = f.device.position();
            f.offer(GUEST + BUFFERS, true, 64);
            f.driver.publish();
            f.device.take(f.chains, 1);
            f.device.take(f.chains, 1); // in vain: so it has seen all there is
            f.device.rewind(position);

            assertFalse(f.device.requestKicksForMore(), "what is there was too little");
            f.offer(GUEST + BUFFERS, true, 64);
            assertTrue(f.driver.publish());
            assertTrue(f.device.requestKicksForMore());
        }
    }
}
