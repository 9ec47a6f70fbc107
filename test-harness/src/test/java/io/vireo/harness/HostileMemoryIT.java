package io.vireo.harness;

import static io.vireo.harness.RawFrontend.RECEIVE;
import static io.vireo.harness.RawFrontend.TRANSMIT;
import static io.vireo.harness.RawMemory.BUFFERS;
import static io.vireo.harness.RawMemory.REGION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.harness.RawFrontend.Buffer;
import io.vireo.harness.RawMemory.Area;
import io.vireo.harness.RawMemory.Layout;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.linux.Fd;
import io.vireo.linux.ForeignFiles;
import io.vireo.linux.Memory;
import io.vireo.virtqueue.Features;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Memory that is taken away while it is used, or is none to be used: its own guest pays, and nobody else. */
@Timeout(60)
class HostileMemoryIT {
    private static final int QUEUES = 2;
    private static final int ROUNDS = 3;
    private static final int BATCH = 64;
    private static final int BATCHES = 30;

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

    /** What is gone when the file is cut short to so many bytes. */
    enum Loss {
        EVERYTHING(null, 0),
        BUFFERS(null, REGION),
        DESCRIPTORS(Area.DESCRIPTORS, 2 * REGION - RawMemory.AREA),
        DRIVER_AREA(Area.DRIVER, 2 * REGION - RawMemory.AREA),
        DEVICE_AREA(Area.DEVICE, 2 * REGION - RawMemory.AREA),
        TABLES(Area.TABLE, 2 * REGION - RawMemory.AREA);

        private final @Nullable Area area;
        private final long rest;

        Loss(@Nullable Area area, long rest) {
            this.area = area;
            this.rest = rest;
        }

        boolean isOfHugePages() {
            return area == null;
        }

        /** Cuts the file short, and has the device look at what is gone. */
        void by(RawFrontend guest, int queue, Buffer buffer) throws IOException {
            Memory.truncate(guest.memory.file(), rest);
            if (this == DESCRIPTORS && !guest.isPacked()) {
                guest.makeAvailableAgain(queue);
            } else if (this == BUFFERS || this == DEVICE_AREA || (this == DRIVER_AREA && guest.isPacked())) {
                guest.offer(queue, buffer);
            } else if (this == TABLES) {
                guest.offer(queue, Buffer.indirect(RawMemory.lastTable(queue), 16));
            }
            guest.kick();
        }
    }

    static Stream<Arguments> losses() {
        return Stream.of(Loss.values())
                .flatMap(loss -> Stream.of(0L, Features.RING_PACKED)
                        .flatMap(format -> Stream.of(false, true)
                                .filter(huge -> !huge || loss.isOfHugePages())
                                .map(huge -> Arguments.of(
                                        loss,
                                        format | Features.RING_INDIRECT_DESC | Features.NET_MRG_RXBUF,
                                        new Layout(loss.area, huge)))));
    }

    /** In the midst of traffic, with code that is compiled and a batch under way. */
    @ParameterizedTest
    @MethodSource("losses")
    void aSenderWithoutMemoryStopsAlone(Loss loss, long features, Layout layout) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            try (RawFrontend guest = bench.attach(features, QUEUES, layout)) {
                sendBatches(guest, bench.datagram(100));
                loss.by(guest, TRANSMIT, Buffer.readable(BUFFERS, 100));
                guest.awaitBroken();
                guest.sync();
            }
            bench.others().assertUnharmed();
        }
        bench.drainFriend();
        bench.assertServed(features);
    }

    @ParameterizedTest
    @MethodSource("losses")
    void aSocketDeviceWithoutMemoryStopsAlone(Loss loss, long features, Layout layout) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            try (RawFrontend guest = bench.attachVsock(features & ~Features.NET_MRG_RXBUF, layout)) {
                sendBatches(guest, new byte[44]);
                loss.by(guest, TRANSMIT, Buffer.readable(BUFFERS, 44));
                guest.awaitBroken();
                guest.sync();
            }
        }
        try (RawVsockPeer peer = RawVsockPeer.attach(bench.vsock())) {
            peer.connect(40_001, TestVsock.ECHO);
            peer.echo(40_001, "hello");
        }
    }

    /** All but the last of them served. */
    private static void sendBatches(RawFrontend guest, byte[] packet) {
        guest.memory.write(BUFFERS, packet);
        Buffer[] chain = {Buffer.readable(BUFFERS, 20), Buffer.readable(BUFFERS + 20, packet.length - 20L)};
        for (int batch = 0; batch < BATCHES; batch++) {
            if (batch > 0) {
                guest.awaitUsed(TRANSMIT);
            }
            for (int i = 0; i < BATCH; i++) {
                guest.offer(TRANSMIT, i % 8 == 0 ? chain : new Buffer[] {Buffer.readable(BUFFERS, packet.length)});
            }
        }
    }

    /** Whoever sends to it goes on. */
    @ParameterizedTest
    @MethodSource("losses")
    void aReceiverWithoutMemoryStopsAlone(Loss loss, long features, Layout layout) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            try (RawFrontend guest = bench.attach(features, QUEUES, layout)) {
                for (int i = 0; i < BATCH; i++) {
                    guest.offer(RECEIVE, Buffer.writable(BUFFERS + 2048L * i, 2048));
                }
                for (int i = 0; i < BATCH; i++) {
                    bench.sendBack(100);
                }
                loss.by(guest, RECEIVE, Buffer.writable(BUFFERS, 2048));
                bench.sendBack(100);
                bench.friend().flush();
                guest.awaitBroken();
                guest.sync();
            }
            bench.others().assertUnharmed();
        }
        bench.assertServed(features);
    }

    @ParameterizedTest
    @EnumSource(
            value = Loss.class,
            names = {"TABLES", "BUFFERS"},
            mode = EnumSource.Mode.EXCLUDE)
    void aRingThatIsGoneBeforeItStartsHarmsNobody(Loss loss) throws Exception {
        for (long format : new long[] {0, Features.RING_PACKED}) {
            try (RawFrontend guest = bench.attach(format, QUEUES, new Layout(loss.area, false))) {
                guest.protocol().getVringBase(TRANSMIT);
                Memory.truncate(guest.memory.file(), loss.rest);
                startAndKick(guest);
            }
            bench.others().assertUnharmed();
            bench.assertServed(format);
        }
    }

    private static void startAndKick(RawFrontend guest) {
        try {
            guest.start(TRANSMIT);
            guest.kick();
            guest.sync();
        } catch (IOException e) {
            // a ring that cannot even be started ends the session
        }
    }

    @Test
    void frontendsThatVanishWithRingsFullOfWorkHarmNobody() throws Exception {
        for (int round = 0; round < 100; round++) {
            long format = round % 2 == 0 ? 0 : Features.RING_PACKED;
            RawFrontend guest = bench.attach(format | Features.NET_MRG_RXBUF, QUEUES);
            byte[] packet = bench.datagram(100);
            guest.memory.write(BUFFERS, packet);
            for (int i = 0; i < BATCH; i++) {
                guest.offer(RECEIVE, Buffer.writable(BUFFERS + 2048L * (i + 1), 2048));
                guest.offer(TRANSMIT, Buffer.readable(BUFFERS, packet.length));
            }
            bench.sendBack(100);
            guest.close();
        }
        bench.drainFriend();
        bench.assertServed(0);
    }

    // ---- memory that is none

    private static void assertRefused(Fd file) throws Exception {
        try (RawFrontend guest = bench.attach(0, QUEUES)) {
            assertThrows(IOException.class, () -> {
                guest.protocol().setMemTable(List.of(new MemoryRegion(0, REGION, 0x1000_0000L, 0)), List.of(file));
                guest.sync();
            });
        } finally {
            file.close();
        }
        bench.assertServed(0);
    }

    /** Into which no used ring can be written. */
    @Test
    void memoryThatCanOnlyBeReadIsRefused() throws Exception {
        try (Fd memory = Memory.memfdCreate("memory", false)) {
            Memory.truncate(memory, REGION);
            assertRefused(ForeignFiles.reopen(memory, ForeignFiles.READ_ONLY));
        }
    }

    /** A page fault there would wait for that process, and with it the whole of Vireo at its next safepoint. */
    @Test
    void memoryThatAProcessServesIsRefused(@TempDir Path folder) throws Exception {
        Path served = Files.createDirectory(folder.resolve("served"));
        Path mount = Files.createDirectory(folder.resolve("mount"));
        run("bindfs", served.toString(), mount.toString());
        try {
            Path file = mount.resolve("memory");
            try (RandomAccessFile memory = new RandomAccessFile(file.toFile(), "rw")) {
                memory.setLength(REGION);
            }
            assertRefused(ForeignFiles.open(file, ForeignFiles.READ_WRITE));
        } finally {
            run("umount", mount.toString());
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertEquals(0, process.waitFor(), () -> Arrays.toString(command));
    }
}
