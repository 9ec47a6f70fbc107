package io.vireo.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the code that uses it relies on the kernel for, too. */
@Timeout(10)
class NonBlockingSocketTest {
    private static final int SIZE = 65_536;

    @TempDir
    private Path folder;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(SIZE);
    private final List<NonBlockingSocket> open = new ArrayList<>();
    private Path path;
    private NonBlockingSocket listener;

    @BeforeEach
    void listen() throws LinuxException {
        path = folder.resolve("s");
        listener = NonBlockingSocket.bind(path);
        listener.listen(1);
    }

    @AfterEach
    void close() {
        listener.close();
        open.forEach(NonBlockingSocket::close);
        arena.close();
    }

    private NonBlockingSocket connect() throws LinuxException {
        return keep(Objects.requireNonNull(NonBlockingSocket.connect(path)));
    }

    private NonBlockingSocket accept() throws LinuxException {
        return keep(Objects.requireNonNull(listener.accept()));
    }

    private NonBlockingSocket keep(NonBlockingSocket socket) {
        open.add(socket);
        return socket;
    }

    private int send(NonBlockingSocket socket, String text) throws LinuxException {
        memory.setString(0, text);
        return socket.send(memory.address(), text.length());
    }

    private String receive(NonBlockingSocket socket) throws LinuxException {
        memory.fill((byte) 0xA5);
        int count = socket.receive(memory.address(), SIZE);
        assertEquals((byte) 0xA5, memory.get(ValueLayout.JAVA_BYTE, Math.max(count, 0)));
        memory.set(ValueLayout.JAVA_BYTE, Math.max(count, 0), (byte) 0);
        return count + " " + memory.getString(0);
    }

    @Test
    void nobodyWaits() throws Exception {
        assertNull(listener.accept());
        NonBlockingSocket client = connect();
        assertEquals("-1 ", receive(client));

        NonBlockingSocket server = accept();
        assertEquals("-1 ", receive(server));
        assertEquals(5, send(client, "hello"));
        assertEquals("5 hello", receive(server));
        assertNull(listener.accept());
    }

    @Test
    void sendsAsMuchAsThereIsRoomFor() throws Exception {
        NonBlockingSocket client = connect();
        NonBlockingSocket server = accept();
        int sent = 0;
        int count = client.send(memory.address(), SIZE);
        while (count > 0) {
            sent += count;
            count = client.send(memory.address(), SIZE);
        }

        assertEquals(NonBlockingSocket.WOULD_BLOCK, count);
        int received = 0;
        while (received < sent) {
            received += server.receive(memory.address(), SIZE);
        }
        assertEquals(5, send(client, "there"));
        assertEquals("5 there", receive(server));
    }

    @Test
    void hearsOfTheEndAndMaySendOn() throws Exception {
        NonBlockingSocket client = connect();
        NonBlockingSocket server = accept();
        send(client, "last");
        client.shutdownSending();

        assertEquals("4 last", receive(server));
        assertEquals("0 ", receive(server));
        assertEquals(6, send(server, "answer"));
        assertEquals("6 answer", receive(client));
    }

    @Test
    void whoReceivesNoMoreRefuses() throws Exception {
        NonBlockingSocket client = connect();
        accept().shutdownReceiving();

        assertEquals(NonBlockingSocket.RESET, send(client, "x"));
    }

    @Test
    void aPeerThatClosedWithoutHavingReadEverythingResets() throws Exception {
        NonBlockingSocket client = connect();
        NonBlockingSocket server = accept();
        send(server, "answer");
        send(client, "never read");
        server.close();

        assertEquals("6 answer", receive(client));
        assertEquals(NonBlockingSocket.RESET, client.receive(memory.address(), SIZE));
    }

    @Test
    void aPeerThatClosedAndHadReadEverythingJustEnds() throws Exception {
        NonBlockingSocket client = connect();
        accept().close();

        assertEquals("0 ", receive(client));
        assertEquals(NonBlockingSocket.RESET, send(client, "x"));
    }

    @Test
    void connectsLaterWhereTooManyWait() throws Exception {
        int waiting = 0;
        NonBlockingSocket socket = NonBlockingSocket.connect(path);
        while (socket != null) {
            waiting++;
            keep(socket);
            socket = NonBlockingSocket.connect(path);
        }

        assertEquals(2, waiting); // the backlog and one
        accept();
        assertNotNull(connect());
    }

    @Test
    void tellsWhyItCannotConnect() throws Exception {
        assertEquals(Errno.ENOENT, errno(folder.resolve("none")));
        listener.close();
        assertEquals(Errno.ECONNREFUSED, errno(path));
        SocketFile.removeStale(path);
        assertEquals(Errno.ENOENT, errno(path));
        SocketFile.removeStale(path);
    }

    private static int errno(Path to) {
        return assertThrows(LinuxException.class, () -> NonBlockingSocket.connect(to))
                .errno();
    }

    @Test
    void onlyWhatIsStaleIsRemoved() throws Exception {
        assertEquals(
                path + " is in use by another process: stop it, or choose another path",
                assertThrows(IOException.class, () -> SocketFile.removeStale(path))
                        .getMessage());
        Path file = Files.createFile(folder.resolve("file"));
        assertEquals(
                file + " exists and is no socket: remove it, or choose another path",
                assertThrows(IOException.class, () -> SocketFile.removeStale(file))
                        .getMessage());
    }

    @Test
    void isReportedBothWays() throws Exception {
        NonBlockingSocket client = connect();
        NonBlockingSocket server = accept();
        try (Epoll epoll = new Epoll()) {
            epoll.addBothWays(server.fd(), 7);
            assertEquals(1, epoll.await(0)); // it is writable
            assertEquals(0, epoll.await(0));
            send(client, "x");
            assertEquals(1, epoll.await(0));
            assertEquals(7, epoll.tag(0));
            client.close();
            assertEquals(1, epoll.await(0));
        }
    }
}
