package io.vireo.harness;

import static io.vireo.harness.RawFrontend.CONTROL;
import static io.vireo.harness.RawMemory.BUFFERS;
import static io.vireo.virtqueue.PackedRingLayout.DESCRIPTOR_F_AVAILABLE;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_NEXT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.RawFrontend.Buffer;
import io.vireo.virtqueue.Features;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that no driver may send over the control queue (virtio 1.3, 5.1.6.5): refused, each by itself. */
@Timeout(60)
class HostileControlIT {
    private static final int QUEUES = 3;
    private static final long FEATURES = Features.NET_CTRL_VQ | Features.NET_CTRL_RX | Features.NET_CTRL_MAC_ADDR;
    private static final long STATUS = BUFFERS + 0x10_0000;
    private static final byte UNTOUCHED = (byte) 0xa5;
    private static final int OK = 0;
    private static final int ERROR = 1;
    /** Promiscuous mode on: what any driver may ask for. */
    private static final String GOOD = "000001";

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

    static Stream<Arguments> badCommands() {
        return Stream.of(
                        "", // nothing at all
                        "00", // a class alone
                        "0000", // a command without its argument
                        "00000102", // and with more than that
                        "0100ffffffff", // a table of four billion addresses
                        "0100010000005254001234", // of one that is cut short
                        "0101525400", // half a MAC address
                        "0101ffffffffffff", // another guest's
                        "0300", // an announcement that nobody asked for
                        "0400ffff", // 65,535 pairs of queues
                        "0500ffffffffffffffff", // all offloads there could be
                        "7700", // no class
                        "00ff01") // no command
                .flatMap(command -> Stream.of(Arguments.of(0L, command), Arguments.of(Features.RING_PACKED, command)));
    }

    @ParameterizedTest
    @MethodSource("badCommands")
    void aBadCommandIsRefusedAndTheNextOneIsNot(long format, String command) throws Exception {
        try (RawFrontend guest = bench.attach(FEATURES | format, QUEUES)) {
            assertEquals(ERROR, command(guest, command));
            assertEquals(OK, command(guest, GOOD));
            bench.assertServed(guest);
        }
    }

    /** Each byte in a buffer of its own. @return the status */
    private static int command(RawFrontend guest, String command) throws Exception {
        byte[] bytes = HexFormat.of().parseHex(command);
        guest.memory.write(BUFFERS, bytes);
        Buffer[] buffers = new Buffer[bytes.length + 1];
        for (int i = 0; i < bytes.length; i++) {
            buffers[i] = Buffer.readable(BUFFERS + i, 1);
        }
        buffers[bytes.length] = Buffer.writable(STATUS, 1);
        return status(guest, buffers);
    }

    private static int status(RawFrontend guest, Buffer... buffers) {
        guest.memory.write(STATUS, new byte[] {UNTOUCHED, UNTOUCHED});
        guest.offer(CONTROL, buffers);
        guest.awaitUsed(CONTROL);
        byte[] status = guest.memory.read(STATUS, 2);
        assertEquals(UNTOUCHED, status[1]);
        return status[0];
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Features.RING_PACKED})
    void aCommandAsLongAsTheMemoryIsRefused(long format) throws Exception {
        try (RawFrontend guest = bench.attach(FEATURES | format, QUEUES)) {
            assertEquals(ERROR, status(guest, Buffer.readable(BUFFERS, 0x10_0000), Buffer.writable(STATUS, 1)));
            assertEquals(OK, command(guest, GOOD));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Features.RING_PACKED})
    void aCommandWithoutRoomForItsStatusComesBackUnanswered(long format) throws Exception {
        try (RawFrontend guest = bench.attach(FEATURES | format, QUEUES)) {
            guest.memory.write(BUFFERS, HexFormat.of().parseHex(GOOD));
            guest.memory.write(STATUS, new byte[] {UNTOUCHED, UNTOUCHED});
            guest.offer(CONTROL, Buffer.readable(BUFFERS, 3));
            guest.awaitUsed(CONTROL);
            guest.offer(CONTROL, Buffer.readable(BUFFERS, 3), Buffer.writable(STATUS, 0));
            guest.awaitUsed(CONTROL);
            assertArrayEquals(new byte[] {UNTOUCHED, UNTOUCHED}, guest.memory.read(STATUS, 2));
            assertEquals(OK, command(guest, GOOD));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Features.RING_PACKED})
    void aLoopStopsThePort(long format) throws Exception {
        try (RawFrontend guest = bench.attach(FEATURES | format, QUEUES)) {
            for (int i = RawMemory.SIZE - 1; i >= 0; i--) {
                int next = (i + 1) % RawMemory.SIZE;
                if (guest.isPacked()) {
                    guest.memory.forge(CONTROL, i, BUFFERS, 1, i, DESCRIPTOR_F_NEXT | DESCRIPTOR_F_AVAILABLE);
                } else {
                    guest.memory.forge(CONTROL, i, BUFFERS, 1, DESCRIPTOR_F_NEXT, next);
                }
            }
            if (!guest.isPacked()) {
                guest.makeAvailable(CONTROL, 1, 0);
            }
            guest.kick();
            guest.awaitBroken();
            guest.sync();
        }
        bench.assertServed(format);
    }

    /** 2.7.4.2: what the device writes comes last. */
    @ParameterizedTest
    @ValueSource(longs = {0, Features.RING_PACKED})
    void aStatusBeforeTheCommandStopsThePort(long format) throws Exception {
        try (RawFrontend guest = bench.attach(FEATURES | format, QUEUES)) {
            guest.offer(CONTROL, Buffer.writable(STATUS, 1), Buffer.readable(BUFFERS, 3));
            guest.awaitBroken();
        }
        bench.assertServed(format);
    }
}
