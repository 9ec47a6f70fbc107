package io.vireo.virtqueue;

import static io.vireo.virtqueue.RingFixture.BUFFERS;
import static io.vireo.virtqueue.RingFixture.GUEST;
import static io.vireo.virtqueue.RingFixture.SIZE;
import static io.vireo.virtqueue.RingFixture.TABLE;
import static io.vireo.virtqueue.RingKind.PACKED;
import static io.vireo.virtqueue.RingKind.PACKED_INDIRECT;
import static io.vireo.virtqueue.RingKind.SPLIT;
import static io.vireo.virtqueue.RingKind.SPLIT_INDIRECT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_INDIRECT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_NEXT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.device.RingFault;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What no driver may do, and what merely looks like it. */
class RingFaultTest {
    private static final int NEXT = DESCRIPTOR_F_NEXT;
    private static final int WRITE = DESCRIPTOR_F_WRITE;
    private static final int INDIRECT = DESCRIPTOR_F_INDIRECT;
    private static final long DATA = GUEST + BUFFERS;

    interface Forgery {
        void of(RingFixture fixture);
    }

    record Sabotage(String what, RingKind kind, RingFault fault, Forgery forgery) {
        @Override
        public String toString() {
            return kind + ": " + what;
        }
    }

    private static Sabotage split(String what, RingFault fault, Forgery forgery) {
        return new Sabotage(what, SPLIT, fault, forgery);
    }

    private static Sabotage splitTable(String what, RingFault fault, Forgery forgery) {
        return new Sabotage(what, SPLIT_INDIRECT, fault, forgery);
    }

    private static Sabotage packed(String what, RingFault fault, Forgery forgery) {
        return new Sabotage(what, PACKED, fault, forgery);
    }

    private static Sabotage packedTable(String what, RingFault fault, Forgery forgery) {
        return new Sabotage(what, PACKED_INDIRECT, fault, forgery);
    }

    static Stream<Sabotage> splitRings() {
        return Stream.of(
                split("a loop", RingFault.CHAIN_TOO_LONG, f -> f.forgeSplit(0, GUEST, 1, NEXT, 0)),
                split("next", RingFault.NEXT_OUT_OF_RANGE, f -> f.forgeSplit(0, GUEST, 1, NEXT, SIZE)),
                split("next 65535", RingFault.NEXT_OUT_OF_RANGE, f -> f.forgeSplit(0, GUEST, 1, NEXT, 65_535)),
                split("head", RingFault.HEAD_OUT_OF_RANGE, f -> f.forgeAvailable(1, SIZE)),
                split("index", RingFault.AVAILABLE_INDEX_TOO_FAR, f -> f.forgeAvailable(SIZE + 1, 0)),
                split("index back", RingFault.AVAILABLE_INDEX_TOO_FAR, f -> f.forgeAvailable(-1, 0)),
                split("indirect", RingFault.INDIRECT_NOT_NEGOTIATED, f -> f.forgeSplit(0, GUEST, 16, INDIRECT, 0)),
                split("direction", RingFault.WRONG_DIRECTION, f -> f.forgeSplit(0, GUEST, 16, WRITE, 0)),
                split("behind", RingFault.ADDRESS_OUTSIDE_MEMORY, f -> f.forgeSplit(0, GUEST + 0xffff, 2, 0, 0)),
                split("length -1", RingFault.ADDRESS_OUTSIDE_MEMORY, f -> f.forgeSplit(0, GUEST, -1, 0, 0)));
    }

    static Stream<Sabotage> splitTables() {
        return Stream.of(
                splitTable("empty", RingFault.INDIRECT_TABLE_LENGTH, f -> splitTable(f, 0)),
                splitTable("17 bytes", RingFault.INDIRECT_TABLE_LENGTH, f -> splitTable(f, 17)),
                splitTable("length -16", RingFault.ADDRESS_OUTSIDE_MEMORY, f -> splitTable(f, -16)),
                splitTable(
                        "outside", RingFault.ADDRESS_OUTSIDE_MEMORY, f -> f.forgeSplit(0, GUEST - 16, 16, INDIRECT, 0)),
                splitTable(
                        "with next",
                        RingFault.INDIRECT_WITHIN_CHAIN,
                        f -> f.forgeSplit(0, GUEST + TABLE, 16, INDIRECT | NEXT, 1)),
                splitTable("nested", RingFault.INDIRECT_NESTED, f -> {
                    splitTable(f, 16);
                    f.forgeTable(0, GUEST + TABLE, 16, INDIRECT, 0);
                }),
                splitTable("a loop", RingFault.CHAIN_TOO_LONG, f -> {
                    splitTable(f, 32);
                    f.forgeTable(0, DATA, 1, NEXT, 1);
                    f.forgeTable(1, DATA, 1, NEXT, 0);
                }),
                splitTable("longer than the queue", RingFault.CHAIN_TOO_LONG, f -> {
                    splitTable(f, 16 * (SIZE + 1));
                    for (int i = 0; i <= SIZE; i++) {
                        f.forgeTable(i, DATA, 1, i < SIZE ? NEXT : 0, i + 1);
                    }
                }),
                splitTable("longer than the queue with what precedes", RingFault.CHAIN_TOO_LONG, f -> {
                    f.forgeSplit(0, DATA, 1, NEXT, 1);
                    f.forgeSplit(1, GUEST + TABLE, 16 * SIZE, INDIRECT, 0);
                    for (int i = 0; i < SIZE; i++) {
                        f.forgeTable(i, DATA, 1, i < SIZE - 1 ? NEXT : 0, i + 1);
                    }
                }),
                splitTable("next", RingFault.NEXT_OUT_OF_RANGE, f -> {
                    splitTable(f, 16);
                    f.forgeTable(0, DATA, 1, NEXT, 1);
                }),
                splitTable("direction", RingFault.WRONG_DIRECTION, f -> {
                    splitTable(f, 16);
                    f.forgeTable(0, DATA, 1, WRITE, 0);
                }),
                splitTable("data outside", RingFault.ADDRESS_OUTSIDE_MEMORY, f -> {
                    splitTable(f, 16);
                    f.forgeTable(0, GUEST - 1, 1, 0, 0);
                }));
    }

    private static void splitTable(RingFixture f, int length) {
        f.forgeSplit(0, GUEST + TABLE, length, INDIRECT, 0);
    }

    static Stream<Sabotage> packedRings() {
        return Stream.of(
                packed("no end", RingFault.CHAIN_TOO_LONG, f -> {
                    for (int i = 0; i < SIZE; i++) {
                        f.forgePacked(i, DATA, 1, NEXT);
                    }
                }),
                packed("indirect", RingFault.INDIRECT_NOT_NEGOTIATED, f -> f.forgePacked(0, GUEST, 16, INDIRECT)),
                packed("all flags", RingFault.INDIRECT_NOT_NEGOTIATED, f -> f.forgePacked(0, GUEST, 16, 0x7fff)),
                packed("direction", RingFault.WRONG_DIRECTION, f -> f.forgePacked(0, GUEST, 16, WRITE)),
                packed("direction, later", RingFault.WRONG_DIRECTION, f -> {
                    f.forgePacked(0, GUEST, 16, NEXT);
                    f.forgePacked(1, GUEST, 16, WRITE);
                }),
                packed("behind", RingFault.ADDRESS_OUTSIDE_MEMORY, f -> f.forgePacked(0, GUEST + 0xffff, 2, 0)),
                packed("behind, later", RingFault.ADDRESS_OUTSIDE_MEMORY, f -> {
                    f.forgePacked(0, DATA, 16, NEXT);
                    f.forgePacked(1, -1, 1, 0);
                }),
                packed("length -1", RingFault.ADDRESS_OUTSIDE_MEMORY, f -> f.forgePacked(0, GUEST, -1, 0)));
    }

    static Stream<Sabotage> packedTables() {
        return Stream.of(
                packedTable("empty", RingFault.INDIRECT_TABLE_LENGTH, f -> packedTable(f, 0)),
                packedTable("17 bytes", RingFault.INDIRECT_TABLE_LENGTH, f -> packedTable(f, 17)),
                packedTable("length -16", RingFault.ADDRESS_OUTSIDE_MEMORY, f -> packedTable(f, -16)),
                packedTable("longer than the queue", RingFault.CHAIN_TOO_LONG, f -> packedTable(f, 16 * (SIZE + 1))),
                packedTable(
                        "with next",
                        RingFault.INDIRECT_WITHIN_CHAIN,
                        f -> f.forgePacked(0, GUEST + TABLE, 16, INDIRECT | NEXT)),
                packedTable("in a chain", RingFault.INDIRECT_WITHIN_CHAIN, f -> {
                    f.forgePacked(0, DATA, 16, NEXT);
                    f.forgePacked(1, GUEST + TABLE, 16, INDIRECT);
                }),
                packedTable("direction", RingFault.WRONG_DIRECTION, f -> {
                    packedTable(f, 32);
                    f.forgeTable(0, DATA, 1, 0, 0);
                    f.forgeTable(1, DATA, 1, 0, WRITE);
                }),
                packedTable("data outside", RingFault.ADDRESS_OUTSIDE_MEMORY, f -> {
                    packedTable(f, 16);
                    f.forgeTable(0, GUEST - 1, 1, 0, 0);
                }));
    }

    private static void packedTable(RingFixture f, int length) {
        f.forgePacked(0, GUEST + TABLE, length, INDIRECT);
    }

    @ParameterizedTest
    @MethodSource({"splitRings", "splitTables", "packedRings", "packedTables"})
    void breaksTheRing(Sabotage sabotage) throws Exception {
        try (RingFixture f = new RingFixture(sabotage.kind(), Direction.READABLE)) {
            f.offer(DATA, false, 64);
            f.driver.publish();
            sabotage.forgery().of(f);
            assertEquals(0, f.device.take(f.chains, 16));
            assertEquals(sabotage.fault(), f.device.fault());
            assertEquals(0, f.chains.count());
            assertEquals(f.driver.initialBase(), f.device.base() & 0xffff);
        }
    }

    @ParameterizedTest
    @EnumSource
    void servesTheChainsBeforeTheBrokenOne(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            f.offer(DATA, false, 64);
            f.offer(-100, false, 10);
            f.offer(DATA, false, 64);
            f.driver.publish();
            assertEquals(1, f.device.take(f.chains, 5));
            assertEquals(RingFault.ADDRESS_OUTSIDE_MEMORY, f.device.fault());
            assertEquals(1, f.chains.firstSegment[1]);
            assertEquals(0, f.device.take(f.chains, 5));
            assertEquals(1, f.device.base() & 0x7fff);
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesReadableBuffersBehindWritableOnes(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.BOTH)) {
            f.driver.begin();
            f.driver.add(DATA, 0, true);
            f.driver.add(DATA, 1, false);
            f.driver.end();
            f.driver.publish();
            assertEquals(0, f.device.take(f.chains, 5));
            assertEquals(RingFault.WRONG_DIRECTION, f.device.fault());
        }
    }

    @ParameterizedTest
    @EnumSource
    void skipsEmptySegmentsWhateverTheirAddress(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            f.driver.begin();
            f.driver.add(-1, 0, false);
            f.driver.add(DATA, 65, false);
            f.driver.end();
            f.offer(-1, false, 0);
            f.driver.publish();
            assertEquals(2, f.device.take(f.chains, 2));
            assertEquals(1, f.chains.firstSegment[1]);
            assertEquals(1, f.chains.firstSegment[2], "the second is empty");
            assertEquals(65, f.chains.bytes[0]);
            assertEquals(0, f.chains.bytes[1]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesAChainAsLongAsTheQueue(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            f.offer(DATA, false, 1, 2, 3, 4, 5, 6, 7, 8);
            f.driver.publish();
            assertEquals(1, f.device.take(f.chains, 2));
            assertEquals(36, f.chains.bytes[0]);
        }
    }

    /** 2.7.5.3.2: a split ring's chain may end in an indirect table, and the flag WRITE of what refers to it says nothing. */
    @Test
    void followsASplitChainIntoAnIndirectTable() throws Exception {
        try (RingFixture f = new RingFixture(SPLIT_INDIRECT, Direction.READABLE)) {
            f.offer(DATA, false, 64);
            f.driver.publish();
            f.forgeSplit(0, DATA, 64, NEXT, 1);
            f.forgeSplit(1, GUEST + TABLE, 48, INDIRECT | WRITE, 0);
            f.forgeTable(0, DATA, 1, NEXT, 2);
            f.forgeTable(2, DATA, 2, 0, 0);
            assertEquals(1, f.device.take(f.chains, 2));
            assertEquals(67, f.chains.bytes[0]);
        }
    }

    /** 2.8.7: flags other than WRITE, and buffer ids, are ignored in a packed ring's indirect table. */
    @Test
    void ignoresReservedFlagsInAPackedIndirectTable() throws Exception {
        try (RingFixture f = new RingFixture(PACKED_INDIRECT, Direction.READABLE)) {
            f.forgePacked(0, GUEST + TABLE, 32, INDIRECT | WRITE);
            f.forgeTable(0, DATA, 1, 77, INDIRECT);
            f.forgeTable(1, DATA, 2, 78, 0xffff & ~WRITE);
            assertEquals(1, f.device.take(f.chains, 2));
            assertEquals(3, f.chains.bytes[0]);
            assertNull(f.device.fault());
        }
    }

    /** A buffer id is the driver's affair: it is given back as it came. */
    @Test
    void givesAnyBufferIdBack() throws Exception {
        try (RingFixture f = new RingFixture(PACKED, Direction.READABLE)) {
            f.forgePacked(0, DATA, 1, 0);
            f.forgeId(0, 65_535);
            assertEquals(1, f.device.take(f.chains, 2));
            assertEquals(65_535, f.chains.head[0]);
        }
    }

    /** As many descriptors as the ring has belong to the device: what else is flagged as available is no new one. */
    @Test
    void takesNothingTwiceHoweverAvailableItLooks() throws Exception {
        try (RingFixture f = new RingFixture(PACKED, Direction.READABLE)) {
            for (int i = 0; i < SIZE; i++) {
                f.offer(DATA, false, 64);
            }
            f.driver.publish();
            assertEquals(SIZE, f.device.take(f.chains, 16));
            for (int i = 0; i < SIZE; i++) {
                f.forgeFlags(i, PackedRingLayout.DESCRIPTOR_F_USED); // available in the second lap
            }
            assertEquals(0, f.device.take(f.chains, 16));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEventIndexThatCannotBeDoesNoHarm(RingKind kind) throws Exception {
        try (RingFixture f = new RingFixture(kind, Direction.READABLE)) {
            for (int event : new int[] {-1, 0x7fff, 0x2_7fff, 0x2_ffff, 0x3_0000, 0x8000}) {
                f.forgeEvent(event);
                f.serveOne();
                f.device.wantsInterrupt();
            }
            assertNull(f.device.fault());
        }
    }
}
