package io.vireo.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(10)
class UnixSocketTest {
    @TempDir
    private Path folder;

    @Test
    void passesBytesAndDescriptors() throws Exception {
        try (UnixSocket listener = listen();
                UnixSocket client = UnixSocket.connect(folder.resolve("s"));
                UnixSocket server = listener.accept();
                EventFd passed = EventFd.create()) {
            client.send(new byte[] {1, 2, 3}, List.of(passed.fd()));

            List<Fd> received = new ArrayList<>();
            byte[] bytes = new byte[8];
            assertEquals(3, server.receive(bytes, 2, 6, received));
            assertArrayEquals(new byte[] {0, 0, 1, 2, 3, 0, 0, 0}, bytes);
            assertEquals(1, received.size());
            try (Fd copy = received.getFirst();
                    Doorbell doorbell = new Doorbell()) {
                assertNotEquals(passed.fd().number(), copy.number());
                doorbell.ringEventFd(copy.number());
                assertEquals(1, passed.drain());
            }
        }
    }

    @Test
    void reportsTheEndOfTheStreamAsZeroBytes() throws Exception {
        try (UnixSocket listener = listen()) {
            UnixSocket.connect(folder.resolve("s")).close();
            try (UnixSocket server = listener.accept()) {
                assertEquals(0, server.receive(new byte[1], 0, 1, new ArrayList<>()));
            }
        }
    }

    @Test
    void refusesMoreDescriptorsThanAnyMessageCarriesAndStillHandsOverTheRest() throws Exception {
        try (UnixSocket listener = listen();
                UnixSocket client = UnixSocket.connect(folder.resolve("s"));
                UnixSocket server = listener.accept();
                EventFd passed = EventFd.create()) {
            client.send(new byte[] {1}, Collections.nCopies(UnixSocket.MAX_FDS + 4, passed.fd()));

            List<Fd> received = new ArrayList<>();
            LinuxException e = assertThrows(LinuxException.class, () -> server.receive(new byte[1], 0, 1, received));
            assertEquals(Errno.EMFILE, e.errno());
            assertEquals(UnixSocket.MAX_FDS, received.size());
            received.forEach(Fd::close);
        }
    }

    @Test
    void shutdownEndsABlockedAccept() throws Exception {
        try (UnixSocket listener = listen()) {
            CompletableFuture<Integer> errno = CompletableFuture.supplyAsync(
                    () -> assertThrows(LinuxException.class, listener::accept).errno());
            listener.shutdown();
            assertEquals(Errno.EINVAL, errno.get());
        }
    }

    @Test
    void namesTheCallAndTheErrno() {
        LinuxException e = assertThrows(LinuxException.class, () -> UnixSocket.connect(folder.resolve("absent")));
        assertEquals("connect to " + folder.resolve("absent") + ": ENOENT", e.getMessage());
    }

    @Test
    void refusesAPathThatTheKernelWouldCut() {
        Path path = folder.resolve("x".repeat(UnixSocket.MAX_PATH_BYTES));
        assertThrows(IllegalArgumentException.class, () -> UnixSocket.bind(path));
    }

    private UnixSocket listen() throws LinuxException {
        UnixSocket listener = UnixSocket.bind(folder.resolve("s"));
        listener.listen(4);
        return listener;
    }
}
