package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.linux.Memory;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.device.VsockDevice;
import io.vireo.vsock.endpoint.VsockCounter;
import io.vireo.vsock.guest.VsockSocket;
import io.vireo.vsock.guest.VsockSocketOption;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many connections at once, many in turn, and guests that leave in the middle of it. */
@Timeout(120)
class VsockLoadIT {
    private static final VsockAddress ECHO = VsockAddress.host(TestVsock.ECHO);
    private static final int DEAF = 5;
    private static final int AT_ONCE = 500;
    private static final int IN_TURN = 10_000;
    private static final int LIVES = 10;
    private static final int WARM_UP_LIVES = 3;
    private static final int CONNECTIONS = 100;
    private static final long BYTES_EACH = 65_536;
    private static final long HEAP_TOLERANCE = 8L << 20;
    private static final long SOON_S = 30;

    private TestVsock vsock;

    @BeforeEach
    void start() throws IOException {
        vsock = TestVsock.start();
    }

    @AfterEach
    void stop() throws IOException {
        vsock.close();
    }

    @Test
    void fiveHundredConnectionsAtOnce() throws Exception {
        CountDownLatch connected = new CountDownLatch(AT_ONCE);
        CountDownLatch counted = new CountDownLatch(1);
        try (VsockFrontendDevice guest = vsock.attach()) {
            List<FutureTask<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                byte[] sent = TestGuest.payload(20_000, i);
                FutureTask<Integer> client = new FutureTask<>(() -> {
                    try (VsockSocket socket = guest.socket(VsockType.STREAM)) {
                        socket.setsockopt(VsockSocketOption.CONNECT_TIMEOUT, Duration.ofSeconds(SOON_S));
                        socket.connect(ECHO);
                        socket.send(sent, 0, sent.length);
                        connected.countDown();
                        counted.await();
                        assertArrayEquals(sent, socket.input().readNBytes(sent.length));
                        return 1;
                    }
                });
                clients.add(client);
                Thread.startVirtualThread(client);
            }
            assertTrue(connected.await(SOON_S, TimeUnit.SECONDS));
            assertEquals(AT_ONCE, vsock.device().connections());
            assertEquals(AT_ONCE, guest.driver().connections());
            counted.countDown();
            for (FutureTask<Integer> client : clients) {
                assertEquals(1, client.get(SOON_S, TimeUnit.SECONDS));
            }
            awaitNoConnection(vsock.device());
        }
    }

    @Test
    void tenThousandConnectionsInTurn() throws IOException {
        byte[] octet = {42};
        try (VsockFrontendDevice guest = vsock.attach()) {
            for (int i = 0; i < IN_TURN; i++) {
                try (VsockSocket socket = guest.socket(VsockType.STREAM)) {
                    socket.connect(ECHO);
                    socket.send(octet, 0, 1);
                    assertEquals(1, socket.recv(octet, 0, 1));
                }
            }
            awaitNoConnection(vsock.device());
            assertEquals(IN_TURN, vsock.counter(VsockCounter.REQUESTED));
            assertEquals(0, vsock.counter(VsockCounter.REFUSED));
            assertEquals(0, vsock.counter(VsockCounter.RESET), "each of them ended cleanly");
        }
    }

    /** The last ones say good-bye to each other after both sides have closed. */
    private static void awaitNoConnection(VsockDevice device) {
        while (device.connections() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void guestThatLeavesWhileAHundredConnectionsCarryDataLeavesNothing() throws Exception {
        ProcessState before = null;
        long heapBefore = 0;
        for (int life = 0; life < LIVES + WARM_UP_LIVES; life++) {
            liveAndLeave();
            assertEquals(0, vsock.device().connections());
            if (life == WARM_UP_LIVES - 1) {
                before = stateWhileAttached();
                heapBefore = usedHeap();
            }
        }
        assertEquals(before, stateWhileAttached());
        long grown = usedHeap() - heapBefore;
        assertTrue(grown < HEAP_TOLERANCE, () -> "the heap has grown by " + grown);
    }

    private void liveAndLeave() throws Exception {
        ConcurrentLinkedQueue<VsockError> atHost = new ConcurrentLinkedQueue<>();
        CountDownLatch hostDone = new CountDownLatch(CONNECTIONS);
        vsock.serve(DEAF, stream -> {
            byte[] data = new byte[10_000];
            try {
                while (true) {
                    stream.write(data, 0, data.length);
                }
            } catch (VsockException e) {
                atHost.add(e.error());
            } finally {
                hostDone.countDown();
            }
        });
        List<FutureTask<VsockError>> clients = new ArrayList<>();
        CountDownLatch busy = new CountDownLatch(CONNECTIONS);
        try (VsockFrontendDevice guest = vsock.attach()) {
            for (int i = 0; i < CONNECTIONS; i++) {
                FutureTask<VsockError> client = new FutureTask<>(() -> readForEver(guest, busy));
                clients.add(client);
                Thread.startVirtualThread(client);
            }
            assertTrue(busy.await(SOON_S, TimeUnit.SECONDS));
        }
        for (FutureTask<VsockError> client : clients) {
            VsockError end = client.get(SOON_S, TimeUnit.SECONDS); // as its driver closed before or after it noticed
            assertTrue(end == VsockError.EBADF || end == VsockError.ECONNRESET, end::toString);
        }
        assertTrue(hostDone.await(SOON_S, TimeUnit.SECONDS));
        assertEquals(CONNECTIONS, atHost.size());
        assertTrue(atHost.stream().allMatch(VsockError.ECONNRESET::equals), atHost::toString);
    }

    /** @return what ended it */
    private static VsockError readForEver(VsockFrontendDevice guest, CountDownLatch busy) throws IOException {
        byte[] buffer = new byte[8192];
        long received = 0;
        try (VsockSocket socket = guest.socket(VsockType.STREAM)) {
            socket.setsockopt(VsockSocketOption.CONNECT_TIMEOUT, Duration.ofSeconds(SOON_S));
            socket.connect(VsockAddress.host(DEAF));
            while (true) {
                int length = socket.recv(buffer, 0, buffer.length);
                if (received < BYTES_EACH && received + length >= BYTES_EACH) {
                    busy.countDown();
                }
                received += length;
            }
        } catch (VsockException e) {
            return e.error();
        }
    }

    /** That a guest can attach shows that the session before has ended; the pool of virtual threads comes and goes. */
    private ProcessState stateWhileAttached() throws IOException {
        try (RawVsockPeer guest = RawVsockPeer.attach(vsock)) {
            guest.connect(1, TestVsock.ECHO);
            return ProcessState.now().withoutThreads("ForkJoinPool|VirtualThread");
        }
    }

    private static long usedHeap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void guestThatLosesItsMemoryCostsOnlyItself() throws Exception {
        try (TestVsock other = TestVsock.start();
                VsockFrontendDevice witness = other.attach();
                VsockSocket socket = witness.socket(VsockType.STREAM)) {
            socket.connect(ECHO);
            for (int life = 0; life < LIVES; life++) {
                try (RawVsockPeer guest = RawVsockPeer.attach(vsock)) {
                    guest.connect(1, TestVsock.ECHO);
                    guest.echo(1, "hello");
                    Memory.truncate(guest.guest().memoryFile(), 0);
                    VsockException lost = assertThrows(
                            VsockException.class,
                            () -> vsock.device().connect(1, VsockType.STREAM, Duration.ofSeconds(SOON_S)));
                    // before or after the device found out, as it polls its rings for a while after there was work
                    assertTrue(lost.error() == VsockError.ECONNRESET || lost.error() == VsockError.ENODEV);
                    assertEquals(life + 1, vsock.counter(VsockCounter.MEMORY_LOST));
                    assertEquals(0, vsock.device().connections());
                }
                socket.send(new byte[] {42}, 0, 1);
                assertEquals(1, socket.recv(new byte[1], 0, 1));
            }
            try (RawVsockPeer guest = RawVsockPeer.attach(vsock)) {
                guest.connect(1, TestVsock.ECHO);
                guest.echo(1, "hello");
            }
        }
    }

    /** One connection whose reader stops does not hold up another. */
    @Test
    void readerThatStopsStopsItsOwnWriterAlone() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        vsock.serve(DEAF, stream -> {
            try {
                assertTrue(goOn.await(SOON_S, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            TestVsock.echo(stream);
        });
        byte[] data = TestGuest.payload(1 << 20, 1);
        try (VsockFrontendDevice guest = vsock.attach();
                VsockSocket stopped = guest.socket(VsockType.STREAM);
                VsockSocket other = guest.socket(VsockType.STREAM)) {
            stopped.connect(VsockAddress.host(DEAF));
            other.connect(ECHO);
            FutureTask<Integer> sending = startSending(stopped, data);
            FutureTask<Integer> sendingToo = startSending(other, data);
            assertArrayEquals(data, other.input().readNBytes(data.length));
            sendingToo.get(SOON_S, TimeUnit.SECONDS);
            assertTrue(!sending.isDone(), "more than the credit and what is on its way");
            goOn.countDown();
            assertArrayEquals(data, stopped.input().readNBytes(data.length));
            assertEquals(data.length, sending.get(SOON_S, TimeUnit.SECONDS));
        }
    }

    private static FutureTask<Integer> startSending(VsockSocket socket, byte[] data) {
        FutureTask<Integer> sending = new FutureTask<>(() -> socket.send(data, 0, data.length));
        Thread.startVirtualThread(sending);
        return sending;
    }
}
