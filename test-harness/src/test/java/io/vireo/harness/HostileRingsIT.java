package io.vireo.harness;

import static io.vireo.harness.RawFrontend.TRANSMIT;
import static io.vireo.harness.RawMemory.BUFFERS;
import static io.vireo.harness.RawMemory.END;
import static io.vireo.harness.RawMemory.SIZE;
import static io.vireo.virtqueue.PackedRingLayout.DESCRIPTOR_F_AVAILABLE;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_INDIRECT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_NEXT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_WRITE;

import io.vireo.harness.RawFrontend.Buffer;
import io.vireo.virtqueue.Features;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rings that no driver may make: they are found out, whoever made them is told, and served again when it starts anew; nobody
 * else notices.
 */
@Timeout(60)
class HostileRingsIT {
    private static final int TABLE = SIZE * 16;
    private static final int QUEUES = 2;

    private static HostileBench bench;

    @BeforeAll
    static void start() throws Exception {
        bench = new HostileBench();
    }

    @AfterAll
    static void stop() throws Exception {
        bench.close();
    }

    @AfterEach
    void othersNoticeNothing() throws Exception {
        bench.others().assertUnharmed();
    }

    /** What is done to the transmit queue. */
    interface Deed {
        void by(RawFrontend guest);
    }

    record Sabotage(String what, long features, Deed deed) {
        static Sabotage split(String what, Deed deed) {
            return new Sabotage("split, " + what, 0, deed);
        }

        static Sabotage splitTable(String what, Deed deed) {
            return new Sabotage("split, " + what, Features.RING_INDIRECT_DESC, deed);
        }

        static Sabotage packed(String what, Deed deed) {
            return new Sabotage("packed, " + what, Features.RING_PACKED, deed);
        }

        static Sabotage packedTable(String what, Deed deed) {
            return new Sabotage("packed, " + what, Features.RING_PACKED | Features.RING_INDIRECT_DESC, deed);
        }

        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Sabotage> rings() {
        List<Sabotage> all = new ArrayList<>(splitRings());
        all.addAll(splitTables());
        all.addAll(packedRings());
        chains().forEach((Sabotage chain) -> addBoth(all, chain, 0));
        tables().forEach((Sabotage table) -> addBoth(all, table, Features.RING_INDIRECT_DESC));
        return all.stream();
    }

    private static void addBoth(List<Sabotage> all, Sabotage one, long features) {
        all.add(new Sabotage("split, " + one.what, features, one.deed));
        all.add(new Sabotage("packed, " + one.what, features | Features.RING_PACKED, one.deed));
    }

    private static Sabotage chain(String what, Buffer... buffers) {
        return new Sabotage(what, 0, guest -> guest.offer(TRANSMIT, buffers));
    }

    private static Stream<Sabotage> chains() {
        return Stream.of(
                chain("past the last region", Buffer.readable(END - 10, 100)),
                chain("over two regions", Buffer.readable(BUFFERS - 10, 100)),
                chain("before the first region", Buffer.readable(RawMemory.GUEST - 1, 100)),
                chain("address 0", Buffer.readable(0, 100)),
                chain("over the end of all addresses", Buffer.readable(-10, 100)),
                chain("a negative address", Buffer.readable(Long.MIN_VALUE, 100)),
                chain("4 GiB long", Buffer.readable(BUFFERS, 0xffff_ffffL)),
                chain("2 GiB long", Buffer.readable(BUFFERS, 0x8000_0000L)),
                chain("outside behind what is inside", Buffer.readable(BUFFERS, 64), Buffer.readable(END, 1)),
                chain("writable", Buffer.writable(BUFFERS, 64)),
                chain("writable behind readable", Buffer.readable(BUFFERS, 64), Buffer.writable(BUFFERS, 64)),
                chain("indirect, not negotiated", Buffer.indirect(RawMemory.table(TRANSMIT), 16)));
    }

    private static Sabotage table(String what, long length, Deed content) {
        return new Sabotage(what, 0, guest -> {
            content.by(guest);
            guest.offer(TRANSMIT, Buffer.indirect(RawMemory.table(TRANSMIT), length));
        });
    }

    private static Stream<Sabotage> tables() {
        Deed good = guest -> guest.memory.forgeTable(TRANSMIT, 0, BUFFERS, 64, 0, 0);
        return Stream.of(
                table("a table of no bytes", 0, good),
                table("a table of 17 bytes", 17, good),
                table("a table of almost 4 GiB", 0xffff_fff0L, good),
                table("a table longer than the ring", TABLE + 16, HostileRingsIT::longTable),
                table(
                        "a table that leads outside",
                        16,
                        guest -> guest.memory.forgeTable(TRANSMIT, 0, END - 1, 2, 0, 0)),
                chain("a table outside", Buffer.indirect(END - 16, 32)),
                chain("a table over two regions", Buffer.indirect(BUFFERS - 16, 32)),
                chain("more behind a table", Buffer.indirect(BUFFERS, 16), Buffer.readable(BUFFERS, 64)));
    }

    private static void longTable(RawFrontend guest) {
        for (int i = 0; i <= SIZE; i++) {
            if (guest.isPacked()) {
                guest.memory.forgeTable(TRANSMIT, i, BUFFERS, 64, 0, 0);
            } else {
                guest.memory.forgeTable(TRANSMIT, i, BUFFERS, 64, i < SIZE ? DESCRIPTOR_F_NEXT : 0, i + 1);
            }
        }
    }

    // ---- split rings

    private static Sabotage splitChain(String what, int next) {
        return Sabotage.split(what, guest -> {
            guest.memory.forge(TRANSMIT, 0, BUFFERS, 64, DESCRIPTOR_F_NEXT, next);
            guest.makeAvailable(TRANSMIT, 1, 0);
            guest.kick();
        });
    }

    private static Sabotage splitIndex(String what, int index, int head) {
        return Sabotage.split(what, guest -> {
            guest.memory.forge(TRANSMIT, 0, BUFFERS, 64, 0, 0);
            guest.makeAvailable(TRANSMIT, index, head);
            guest.kick();
        });
    }

    private static List<Sabotage> splitRings() {
        return List.of(
                splitChain("a descriptor that follows itself", 0),
                splitChain("next just outside", SIZE),
                splitChain("next 65535", 65_535),
                Sabotage.split("a loop of the whole ring", guest -> {
                    for (int i = 0; i < SIZE; i++) {
                        guest.memory.forge(TRANSMIT, i, BUFFERS, 64, DESCRIPTOR_F_NEXT, (i + 1) % SIZE);
                    }
                    guest.makeAvailable(TRANSMIT, 1, 0);
                    guest.kick();
                }),
                splitIndex("head just outside", 1, SIZE),
                splitIndex("head 65535", 1, 65_535),
                splitIndex("index ahead by one more than the ring", SIZE + 1, 0),
                splitIndex("index ahead by half of all", 32_768, 0),
                splitIndex("index behind", 65_535, 0));
    }

    private static Sabotage splitTable(String what, int length, Deed content) {
        return Sabotage.splitTable(what, table(what, length, content).deed);
    }

    private static List<Sabotage> splitTables() {
        long table = RawMemory.table(TRANSMIT);
        return List.of(
                splitTable(
                        "a table in a table",
                        16,
                        guest -> guest.memory.forgeTable(TRANSMIT, 0, table, 16, DESCRIPTOR_F_INDIRECT, 0)),
                splitTable("a loop in a table", 32, guest -> {
                    guest.memory.forgeTable(TRANSMIT, 0, BUFFERS, 64, DESCRIPTOR_F_NEXT, 1);
                    guest.memory.forgeTable(TRANSMIT, 1, BUFFERS, 64, DESCRIPTOR_F_NEXT, 0);
                }),
                splitTable(
                        "next outside a table",
                        32,
                        guest -> guest.memory.forgeTable(TRANSMIT, 0, BUFFERS, 64, DESCRIPTOR_F_NEXT, 2)));
    }

    // ---- packed rings

    private static List<Sabotage> packedRings() {
        int indirect = DESCRIPTOR_F_AVAILABLE | DESCRIPTOR_F_INDIRECT;
        return List.of(
                Sabotage.packed("a chain without end", guest -> {
                    for (int i = SIZE - 1; i >= 0; i--) {
                        guest.memory.forge(TRANSMIT, i, BUFFERS, 64, i, DESCRIPTOR_F_AVAILABLE | DESCRIPTOR_F_NEXT);
                    }
                    guest.kick();
                }),
                Sabotage.packed("all flags", guest -> {
                    guest.memory.forge(TRANSMIT, 0, BUFFERS, 64, 0, 0x7fff);
                    guest.kick();
                }),
                Sabotage.packedTable("a table behind a descriptor", guest -> {
                    guest.memory.forgeTable(TRANSMIT, 0, BUFFERS, 64, 0, 0);
                    guest.memory.forge(TRANSMIT, 1, RawMemory.table(TRANSMIT), 16, 1, indirect);
                    guest.memory.forge(TRANSMIT, 0, BUFFERS, 64, 0, DESCRIPTOR_F_AVAILABLE | DESCRIPTOR_F_NEXT);
                    guest.kick();
                }),
                Sabotage.packedTable("a table that is written to", guest -> {
                    guest.memory.forgeTable(TRANSMIT, 0, BUFFERS, 64, 0, DESCRIPTOR_F_WRITE);
                    guest.memory.forge(TRANSMIT, 0, RawMemory.table(TRANSMIT), 16, 0, indirect);
                    guest.kick();
                }));
    }

    // ---- both kinds of devices

    @ParameterizedTest
    @MethodSource("rings")
    void aNetworkCardsPortStopsAndIsServedAgain(Sabotage sabotage) throws Exception {
        try (RawFrontend guest = bench.attach(sabotage.features, QUEUES)) {
            sabotage.deed.by(guest);
            guest.awaitBroken();
            guest.sync();
        }
        bench.assertServed(sabotage.features);
    }

    @ParameterizedTest
    @MethodSource("rings")
    void aSocketDeviceStopsAndIsServedAgain(Sabotage sabotage) throws Exception {
        try (RawFrontend guest = bench.attachVsock(sabotage.features)) {
            sabotage.deed.by(guest);
            guest.awaitBroken();
            guest.sync();
        }
        assertVsockServed();
    }

    private static void assertVsockServed() throws IOException {
        try (RawVsockPeer peer = RawVsockPeer.attach(bench.vsock())) {
            peer.connect(40_001, TestVsock.ECHO);
            peer.echo(40_001, "hello");
        }
    }
}
