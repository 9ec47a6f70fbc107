package io.vireo.router.uplink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.vireo.hugepages.HostMemory;
import io.vireo.linux.Epoll;
import io.vireo.linux.Errno;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Memory;
import io.vireo.linux.PacketSockets;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What both kinds of queue do, with a socket for the device. */
@Timeout(20)
class UplinkQueueTest {
    enum Kind {
        PLAIN {
            @Override
            UplinkQueue make(Fd device) throws LinuxException {
                return new PlainQueue(device, true);
            }
        },
        URING {
            @Override
            UplinkQueue make(Fd device) throws LinuxException {
                return new UringQueue(device, true);
            }
        };

        abstract UplinkQueue make(Fd device) throws LinuxException;

        UplinkQueue start(Fd device) throws LinuxException {
            UplinkQueue queue = make(device);
            queue.start();
            return queue;
        }
    }

    private final PacketSockets sockets;
    private final Arena arena = Arena.ofConfined();

    UplinkQueueTest() throws LinuxException {
        sockets = new PacketSockets();
    }

    @AfterEach
    void close() {
        sockets.close();
        arena.close();
    }

    @ParameterizedTest
    @EnumSource
    void aBatchGoesOutInOrderEachPacketInItsPieces(Kind kind) throws Exception {
        try (UplinkQueue queue = kind.start(sockets.device())) {
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < UplinkQueue.BATCH; i++) {
                    assertEquals(i, add(queue, packet(i, 3 + i), 1 + i % 3));
                }
                queue.flush();
                for (int i = 0; i < UplinkQueue.BATCH; i++) {
                    assertEquals(UplinkQueue.TAKEN, queue.result(i));
                    assertArrayEquals(packet(i, 3 + i), sockets.receive());
                }
                assertNothingReceived();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPacketMayBeInAsManyPiecesAsPromised(Kind kind) throws Exception {
        try (UplinkQueue queue = kind.start(sockets.device())) {
            for (int i = 0; i < UplinkQueue.BATCH; i++) {
                add(queue, packet(i, UplinkQueue.MAX_PIECES), UplinkQueue.MAX_PIECES);
            }
            assertThrows(IllegalStateException.class, () -> add(queue, packet(0, 1), 1));
            queue.flush();
            for (int i = 0; i < UplinkQueue.BATCH; i++) {
                assertArrayEquals(packet(i, UplinkQueue.MAX_PIECES), sockets.receive());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatDoesNotFitIsRefusedAndNotUnderWay(Kind kind) throws Exception {
        try (UplinkQueue queue = kind.start(sockets.device())) {
            int taken = 0;
            int result;
            do {
                add(queue, packet(taken, 4_000), 2);
                queue.flush();
                result = queue.result(0);
                taken += result == UplinkQueue.TAKEN ? 1 : 0;
            } while (result == UplinkQueue.TAKEN);
            assertEquals(Errno.EAGAIN, result);
            for (int i = 0; i < taken; i++) {
                assertArrayEquals(packet(i, 4_000), sockets.receive());
            }
            assertNothingReceived();
            add(queue, packet(7, 4_000), 2);
            queue.flush();
            assertEquals(UplinkQueue.TAKEN, queue.result(0));
            assertEquals(0, queue.failure());
        }
    }

    @ParameterizedTest
    @EnumSource
    void memoryThatIsGoneIsNoReasonToRefuseTheOtherPackets(Kind kind) throws Exception {
        try (UplinkQueue queue = kind.start(sockets.device());
                Fd file = Memory.memfdCreate("guest", false)) {
            Memory.truncate(file, 4_096);
            long address = Memory.map(file, 0, 4_096);
            Memory.truncate(file, 0);
            add(queue, packet(1, 20), 2);
            long header = arena.allocate(12).address();
            queue.add(new long[] {header, address}, new int[] {12, 100}, 2);
            add(queue, packet(2, 20), 1);
            queue.flush();
            assertEquals(UplinkQueue.TAKEN, queue.result(0));
            assertEquals(Errno.EFAULT, queue.result(1));
            assertEquals(UplinkQueue.TAKEN, queue.result(2));
            assertArrayEquals(packet(1, 20), sockets.receive());
            assertArrayEquals(packet(2, 20), sockets.receive());
            assertNothingReceived();
            assertEquals(0, queue.failure());
            Memory.unmap(address, 4_096);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWasAddedBeforeAFailureNeverGoesOut(Kind kind) throws Exception {
        try (UplinkQueue queue = kind.start(sockets.device())) {
            readAll(queue, -1);
            add(queue, packet(1, 20), 2);
            queue.abandon();
            assertEquals(0, add(queue, packet(2, 20), 2));
            queue.flush();
            assertArrayEquals(packet(2, 20), sockets.receive());
            assertNothingReceived();
            sockets.send(packet(3, 20));
            queue.noteReadable();
            assertEquals(1, readAll(queue, 3), "and it goes on receiving");
            assertFalse(queue.mayHavePackets());
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatComesIsReadInOrderHoweverMuchItIs(Kind kind) throws Exception {
        try (UplinkQueue queue = kind.start(sockets.device())) {
            int sent = 0;
            int received = 0;
            for (int burst : new int[] {0, 1, 3, 5, 0, 64, 100, 130, 2}) {
                for (int i = 0; i < burst; i++) {
                    sockets.send(packet(sent, 1 + sent));
                    sent++;
                }
                queue.noteReadable();
                received += readAll(queue, received);
                assertEquals(sent, received);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theLargestPacketIsReadWhole(Kind kind) throws Exception {
        try (UplinkQueue queue = kind.start(sockets.device())) {
            byte[] largest = packet(1, ReceiveBuffers.CAPACITY);
            sockets.send(largest);
            sockets.send(packet(2, 1));
            assertEquals(2, readAll(queue, -1));
            assertArrayEquals(largest, bytes(queue.address(0), largest.length));
            HostMemory.fill(queue.address(1) - 14, 14, (byte) 0);
            assertArrayEquals(largest, bytes(queue.address(0), largest.length), "the room in front is a packet's own");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoWatchesIsToldOfWhatComes(Kind kind) throws Exception {
        try (UplinkQueue queue = kind.start(sockets.device());
                Epoll epoll = new Epoll()) {
            epoll.add(queue.readable());
            readAll(queue, -1);
            epoll.await(0);
            for (int round = 0; round < 100; round++) {
                assertFalse(queue.mayHavePackets());
                assertEquals(0, epoll.await(0));
                sockets.send(packet(round, 40));
                assertEquals(1, epoll.await(5_000));
                queue.noteReadable();
                assertTrue(queue.mayHavePackets());
                assertEquals(1, readAll(queue, round));
            }
        }
    }

    @Test
    void aRingTellsOfWhatComesWithoutASystemCall() throws Exception {
        try (UplinkQueue queue = Kind.URING.start(sockets.device())) {
            readAll(queue, -1);
            for (int round = 0; round < 100; round++) {
                assertFalse(queue.mayHavePackets());
                sockets.send(packet(round, 40));
                assertTrue(queue.mayHavePackets());
                assertEquals(1, readAll(queue, round));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatCameBeforeAnybodyWatchedIsFound(Kind kind) throws Exception {
        sockets.send(packet(0, 40));
        sockets.send(packet(1, 40));
        try (UplinkQueue queue = kind.make(sockets.device())) {
            queue.start();
            // of the rings' kind, finding out whether the kernel knows enough has cost one
            int first = kind == Kind.URING ? 1 : 0;
            assertEquals(2 - first, readAll(queue, first));
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsAllocatedInEitherDirection(Kind kind) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long header = arena.allocate(12).address();
        long[] addresses = {header, header};
        int[] lengths = {12, 12};
        byte[] packet = packet(0, 40);
        try (UplinkQueue queue = kind.start(sockets.device())) {
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 20_000 && least > 0; round++) {
                sockets.send(packet);
                sockets.send(packet);
                queue.noteReadable();
                long before = threads.getCurrentThreadAllocatedBytes();
                queue.add(addresses, lengths, 1);
                queue.add(addresses, lengths, 2);
                queue.flush();
                int read = queue.result(0) + queue.result(1) == 0 ? queue.read() : 0;
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                assertEquals(2, read);
                sockets.receive();
                sockets.receive();
            }
            assertEquals(0, least);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDeviceThatEndedIsAFailureAndNothingIsExpectedOfIt(Kind kind) throws Exception {
        try (UplinkQueue queue = kind.start(sockets.device())) {
            sockets.send(packet(0, 40));
            sockets.hangUp();
            assertEquals(1, readAll(queue, 0));
            assertEquals(Errno.EBADFD, queue.failure());
            assertFalse(queue.mayHavePackets());
            assertEquals(0, queue.read());
        }
    }

    @ParameterizedTest
    @EnumSource
    void closingTwiceIsClosingOnce(Kind kind) throws Exception {
        UplinkQueue started = kind.start(sockets.device());
        readAll(started, -1);
        started.close();
        started.close();
        assertThrows(LinuxException.class, () -> sockets.send(packet(0, 1)), "the device is let go of");
        try (PacketSockets others = new PacketSockets()) {
            kind.make(others.device()).close();
            assertThrows(LinuxException.class, () -> others.send(packet(0, 1)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void itIsClosedByAnotherThreadOnceItsOwnHasEnded(Kind kind) throws Exception {
        UplinkQueue queue = kind.make(sockets.device());
        Thread owner = Thread.ofPlatform().start(() -> {
            queue.start();
            assertEquals(0, queue.read());
        });
        owner.join();
        queue.close();
        queue.close();
        assertFalse(queue.mayHavePackets());
        assertEquals(0, queue.read());
        queue.flush();
        assertFalse(sockets.device().isOpen());
    }

    /** Reads as long as there may be packets, the first of which is number {@code first}; -1 not to look. @return how many */
    private static int readAll(UplinkQueue queue, int first) {
        int packets = 0;
        while (queue.mayHavePackets()) {
            int count = queue.read();
            assertTrue(count <= UplinkQueue.BATCH);
            for (int i = 0; i < count && first >= 0; i++) {
                byte[] expected = packet(first + packets + i, queue.length(i));
                assertArrayEquals(expected, bytes(queue.address(i), queue.length(i)));
            }
            packets += count;
        }
        return packets;
    }

    /** Adds a packet in pieces of about the same length. */
    private int add(UplinkQueue queue, byte[] packet, int pieces) {
        long address = arena.allocateFrom(ValueLayout.JAVA_BYTE, packet).address();
        long[] addresses = new long[UplinkQueue.MAX_PIECES + 1];
        int[] lengths = new int[UplinkQueue.MAX_PIECES + 1];
        int offset = 0;
        for (int i = 0; i < pieces; i++) {
            int end = packet.length * (i + 1) / pieces;
            addresses[i] = address + offset;
            lengths[i] = end - offset;
            offset = end;
        }
        int number = queue.add(addresses, lengths, pieces);
        Arrays.fill(addresses, 0);
        return number;
    }

    private void assertNothingReceived() {
        assertEquals(
                Errno.EAGAIN,
                assertThrows(LinuxException.class, sockets::receive).errno());
    }

    private static byte[] packet(int number, int length) {
        byte[] packet = new byte[length];
        for (int i = 0; i < length; i++) {
            packet[i] = (byte) (number + i * 7);
        }
        return packet;
    }

    private static byte[] bytes(long address, int length) {
        return HostMemory.ALL.asSlice(address, length).toArray(ValueLayout.JAVA_BYTE);
    }
}
