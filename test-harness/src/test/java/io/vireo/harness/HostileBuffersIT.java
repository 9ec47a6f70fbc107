package io.vireo.harness;

import static io.vireo.harness.RawFrontend.RECEIVE;
import static io.vireo.harness.RawFrontend.TRANSMIT;
import static io.vireo.harness.RawMemory.BUFFERS;
import static io.vireo.harness.RawMemory.SIZE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.RawFrontend.Buffer;
import io.vireo.router.dataplane.Counter;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Receive buffers that are none, too few, too small or somebody else's, and rings that change while they are read. */
@Timeout(60)
class HostileBuffersIT {
    private static final int QUEUES = 2;
    private static final int PAYLOAD = 200;

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

    @ParameterizedTest
    @ValueSource(longs = {0, Features.RING_PACKED})
    void aGuestWithoutReceiveBuffersLosesFramesOfItsOwn(long features) throws Exception {
        try (RawFrontend guest = bench.attach(features | Features.NET_MRG_RXBUF, QUEUES)) {
            long before = bench.counter(Counter.RX_DROP_BACKLOG_FULL);
            for (int i = 0; i < 5000; i++) {
                bench.sendBack(1000);
            }
            bench.friend().flush();
            assertTrue(bench.counter(Counter.RX_DROP_BACKLOG_FULL) > before);
            bench.assertServed(guest);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Features.RING_PACKED})
    void aFrameIsSpreadOverBuffersOfOneByte(long features) throws Exception {
        try (RawFrontend guest = bench.attach(features | Features.NET_MRG_RXBUF, QUEUES)) {
            int bytes = bench.datagram(100).length;
            postBytes(guest, SIZE);
            bench.sendBack(100);
            guest.awaitUsedDescriptors(RECEIVE, bytes);
            byte[] expected = bench.received(100);
            expected[VirtioNetHeader.NUM_BUFFERS_OFFSET] = (byte) bytes;
            assertArrayEquals(expected, guest.memory.read(BUFFERS, bytes));
            bench.assertServed(guest);
        }
    }

    /** More than a ring can ever hold: what waits for it is dropped when its backlog is full. */
    @ParameterizedTest
    @ValueSource(longs = {0, Features.RING_PACKED})
    void aFrameThatNoRingFullOfBuffersHoldsHoldsNobodyUp(long features) throws Exception {
        try (RawFrontend guest = bench.attach(features | Features.NET_MRG_RXBUF, QUEUES)) {
            postBytes(guest, SIZE);
            for (int i = 0; i < 10; i++) {
                bench.sendBack(1000);
            }
            bench.friend().flush();
            bench.assertServed(guest);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Features.RING_PACKED})
    void aBufferThatIsTooSmallCostsTheFrameWhereBuffersAreNotMerged(long features) throws Exception {
        try (RawFrontend guest = bench.attach(features, QUEUES)) {
            long before = bench.counter(Counter.RX_DROP_BUFFER_TOO_SMALL);
            postBytes(guest, SIZE);
            bench.sendBack(100);
            bench.friend().flush();
            bench.assertServed(guest);
            assertTrue(bench.counter(Counter.RX_DROP_BUFFER_TOO_SMALL) > before);
        }
    }

    private static void postBytes(RawFrontend guest, int count) {
        for (int i = 0; i < count; i++) {
            guest.offer(RECEIVE, Buffer.writable(BUFFERS + i, 1));
        }
    }

    static Stream<Arguments> badBuffers() {
        return Stream.of(0L, Features.RING_PACKED)
                .flatMap(features -> Stream.of(
                        Arguments.of(features, Buffer.readable(BUFFERS, 2000)),
                        Arguments.of(features, Buffer.writable(RawMemory.END - 100, 2000)),
                        Arguments.of(features, Buffer.writable(BUFFERS - 100, 2000)),
                        Arguments.of(features, Buffer.writable(-100, 2000)),
                        Arguments.of(features, Buffer.indirect(RawMemory.table(RECEIVE), 16))));
    }

    @ParameterizedTest
    @MethodSource("badBuffers")
    void aBufferThatNothingCanBeWrittenToStopsItsPort(long features, Buffer buffer) throws Exception {
        try (RawFrontend guest = bench.attach(features | Features.NET_MRG_RXBUF, QUEUES)) {
            guest.offer(RECEIVE, buffer);
            bench.sendBack(100);
            guest.awaitBroken();
        }
        bench.assertServed(features);
    }

    /** Frames are then written over the rings that they come through. */
    @ParameterizedTest
    @ValueSource(longs = {0, Features.RING_PACKED})
    void receiveBuffersOverTheRingsHarmTheirOwnGuestAlone(long features) throws Exception {
        try (RawFrontend guest = bench.attach(features | Features.NET_MRG_RXBUF, QUEUES)) {
            for (int i = 0; i < 64; i++) {
                guest.offer(RECEIVE, Buffer.writable(RawMemory.GUEST + 0x800L * i, 0x800));
            }
            for (int i = 0; i < 64; i++) {
                bench.sendBack(PAYLOAD);
            }
            bench.friend().flush();
            guest.sync();
        }
        bench.assertServed(features);
    }

    // ---- a driver and its guest's other processors at once

    /** A thread writes anything anywhere in the rings while they are served. */
    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                Features.RING_PACKED,
                Features.RING_INDIRECT_DESC,
                Features.RING_PACKED | Features.RING_INDIRECT_DESC
            })
    void whatIsRewrittenWhileItIsReadHarmsItsOwnGuestAlone(long features) throws Exception {
        for (int session = 0; session < 8; session++) {
            try (RawFrontend guest = bench.attach(features | Features.NET_MRG_RXBUF, QUEUES);
                    RingFlipper flipper = RingFlipper.start(guest, session)) {
                serveAnyhow(guest);
                flipper.awaitFlips(20_000);
                guest.sync();
            }
            bench.others().assertUnharmed();
        }
        bench.drainFriend();
        bench.assertServed(features);
    }

    private static void serveAnyhow(RawFrontend guest) throws IOException {
        for (int round = 0; round < 40; round++) {
            byte[] packet = bench.datagram(PAYLOAD);
            guest.memory.write(BUFFERS, packet);
            guest.offer(TRANSMIT, Buffer.readable(BUFFERS, 20), Buffer.readable(BUFFERS + 20, packet.length - 20L));
            guest.offer(RECEIVE, Buffer.writable(BUFFERS + 0x1000, 2000));
            bench.sendBack(PAYLOAD);
        }
        bench.friend().flush();
    }
}
