package io.vireo.services.migtd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.services.GuestStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TcpPeersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final AtomicLong nowNs = new AtomicLong();
    private final MigTdCounters counters = new MigTdCounters();

    private TcpListener listener() throws IOException {
        return new TcpListener(Loopback.at(0), PATIENCE, nowNs::get, counters);
    }

    private static Socket connect(TcpListener listener) throws IOException {
        return Loopback.connect(listener.port());
    }

    private long refused() {
        return counters.snapshot().getOrDefault(MigTdCounter.PEERS_REFUSED, -1L);
    }

    @Test
    void triesAgainAsOftenAsItIsToldAndPausesBetween() throws Exception {
        List<Duration> pauses = new ArrayList<>();
        int port = Loopback.deafPort();
        TcpConnector connector = new TcpConnector(Loopback.at(port), Duration.ofSeconds(10), 3, pauses::add);
        IOException failure = assertThrows(IOException.class, connector::next);
        assertEquals("no connection to 127.0.0.1:" + port + " in 4 attempts", failure.getMessage());
        assertEquals(3, pauses.size());
    }

    @Test
    void connectsToOneWhoListensAMomentLater() throws Exception {
        int port = Loopback.deafPort();
        List<ServerSocket> late = new ArrayList<>();
        TcpConnector connector = new TcpConnector(Loopback.at(port), Duration.ofSeconds(10), 3, pause -> {
            try {
                late.add(new ServerSocket(port));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        try (GuestStream stream = connector.next();
                Socket accepted = late.getFirst().accept()) {
            stream.output().write(Wire.HELLO);
            assertArrayEquals(Wire.HELLO, accepted.getInputStream().readNBytes(5));
        }
        late.getFirst().close();
        assertEquals(1, late.size());
    }

    @Test
    void handsOutConnectionsInTheirOrder() throws Exception {
        try (TcpListener listener = listener();
                Socket first = connect(listener)) {
            first.getOutputStream().write(1);
            try (GuestStream taken = listener.next();
                    Socket second = connect(listener)) {
                second.getOutputStream().write(2);
                assertEquals(1, taken.input().read());
                try (GuestStream other = listener.next()) {
                    assertEquals(2, other.input().read());
                }
            }
        }
    }

    @Test
    void waitsForAConnection() throws Exception {
        try (TcpListener listener = listener()) {
            CompletableFuture<GuestStream> waiting =
                    CompletableFuture.supplyAsync(() -> next(listener), Loopback.THREADS);
            try (Socket peer = connect(listener);
                    GuestStream taken = waiting.get()) {
                peer.getOutputStream().write(7);
                assertEquals(7, taken.input().read());
            }
        }
    }

    private static GuestStream next(TcpListener listener) {
        try {
            return listener.next();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    @Test
    void givesUpWhenNobodyComesInTime() throws Exception {
        try (TcpListener hasty = new TcpListener(Loopback.at(0), Duration.ofMillis(30), System::nanoTime, counters)) {
            assertThrows(SocketTimeoutException.class, hasty::next);
        }
    }

    @Test
    void closesConnectionsThatWaitedInVain() throws Exception {
        try (TcpListener listener = listener();
                Socket late = connect(listener)) {
            awaitWaiting(listener, 1);
            nowNs.addAndGet(PATIENCE.toNanos());
            try (Socket other = connect(listener)) {
                assertEquals(-1, late.getInputStream().read());
                other.getOutputStream().write(9);
                try (GuestStream taken = listener.next()) {
                    assertEquals(9, taken.input().read());
                }
            }
            assertEquals(1, refused());
        }
    }

    @Test
    void closesTheNewestBeyondWhatMayWait() throws Exception {
        List<Socket> peers = new ArrayList<>();
        try (TcpListener listener = listener()) {
            for (int i = 0; i < TcpListener.MAX_WAITING; i++) {
                peers.add(connect(listener));
                awaitWaiting(listener, i + 1);
            }
            try (Socket tooMany = connect(listener)) {
                assertEquals(-1, tooMany.getInputStream().read());
            }
            assertEquals(1, refused());
            listener.next().close();
            assertEquals(-1, peers.getFirst().getInputStream().read());
        }
        assertEquals(-1, peers.getLast().getInputStream().read(), "closed with the listener");
        for (Socket peer : peers) {
            peer.close();
        }
    }

    private static void awaitWaiting(TcpListener listener, int count) {
        while (listener.waiting() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void closingWakesThoseWhoWait() throws Exception {
        TcpListener listener = listener();
        CompletableFuture<GuestStream> waiting = CompletableFuture.supplyAsync(() -> next(listener), Loopback.THREADS);
        listener.close();
        ExecutionException ended = assertThrows(ExecutionException.class, waiting::get);
        assertTrue(ended.getCause() instanceof IOException);
        assertThrows(IOException.class, () -> connect(listener));
    }

    @Test
    void saysWhereItCannotListen() throws Exception {
        try (TcpListener listener = listener()) {
            int port = listener.port();
            IOException taken = assertThrows(
                    IOException.class, () -> new TcpListener(Loopback.at(port), PATIENCE, nowNs::get, counters));
            assertEquals("cannot listen at 127.0.0.1:" + port, taken.getMessage());
        }
    }

    @Test
    void aWriteThatNobodyTakesEndsInTime() throws Exception {
        try (Loopback pair = Loopback.open()) {
            pair.near().timeout(Duration.ofMillis(100));
            byte[] much = new byte[64 << 20];
            assertThrows(
                    SocketTimeoutException.class, () -> pair.near().output().write(much, 0, much.length));
        }
    }

    @Test
    void aReadWithoutBytesEndsInTimeAndMayBeRepeated() throws Exception {
        try (Loopback pair = Loopback.open()) {
            pair.near().timeout(Duration.ofMillis(20));
            assertThrows(SocketTimeoutException.class, () -> pair.near().input().read());
            pair.near().timeout(Duration.ZERO);
            pair.far().output().write(Wire.HELLO);
            assertArrayEquals(Wire.HELLO, pair.near().input().readNBytes(5));
        }
    }
}
