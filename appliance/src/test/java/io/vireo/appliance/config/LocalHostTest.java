package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vireo.appliance.config.Host.SocketState;
import io.vireo.linux.User;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel and the user database really answer. */
class LocalHostTest {
    @TempDir
    Path folder;

    private final Host host = Host.local();

    @Test
    void knowsWhoRunsIt() throws IOException {
        assertEquals(Files.getAttribute(Files.createFile(folder.resolve("mine")), "unix:uid"), host.userId());
    }

    @Test
    void findsGroupsByNameAndByNumber() {
        assertEquals(OptionalInt.of(0), host.groupId("root"));
        assertEquals(OptionalInt.of(0), host.groupId("0"));
    }

    @Test
    void doesNotFindGroupsThatAreNotThere() {
        assertEquals(OptionalInt.empty(), host.groupId("no such group"));
        assertEquals(OptionalInt.empty(), host.groupId("999999999"));
        assertEquals(OptionalInt.empty(), host.groupId("99999999999999999999"));
        assertEquals(OptionalInt.empty(), host.groupId(""));
    }

    @Test
    void findsUsersByNameAndByNumber() {
        User root = host.user("root").orElseThrow();
        assertEquals("root", root.name());
        assertEquals(0, root.id());
        assertEquals(Optional.of(root), host.user("0"));
    }

    @Test
    void doesNotFindUsersThatAreNotThere() {
        assertEquals(Optional.empty(), host.user("no such user"));
        assertEquals(Optional.empty(), host.user("999999999"));
        assertEquals(Optional.empty(), host.user("99999999999999999999"));
        assertEquals(Optional.empty(), host.user(""));
    }

    @Test
    void readsTheEnvironment() {
        assertEquals(System.getenv("PATH"), host.environment("PATH"));
        assertNull(host.environment("VIREO_NO_SUCH_VARIABLE"));
    }

    @Test
    void aListeningSocketIsLiveUntilItsOwnerIsGone() throws IOException {
        Path socket = folder.resolve("vm1.sock");
        assertEquals(SocketState.ABSENT, host.socketState(socket));
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            assertEquals(SocketState.LIVE, host.socketState(socket));
        }
        assertEquals(SocketState.STALE, host.socketState(socket));
    }

    @Test
    void aListenerThatAcceptsNobodyIsLiveAndKeepsNobodyWaiting() throws IOException {
        Path socket = folder.resolve("vm1.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket), 1);
            for (int i = 0; i < 8; i++) { // more than its backlog takes
                assertEquals(SocketState.LIVE, host.socketState(socket));
            }
        }
    }

    @Test
    void filesDirectoriesAndLinksAreNoSockets() throws IOException {
        Path socket = folder.resolve("vm1.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            Path link = Files.createSymbolicLink(folder.resolve("link"), socket);

            assertEquals(SocketState.NOT_A_SOCKET, host.socketState(link));
        }
        assertEquals(SocketState.NOT_A_SOCKET, host.socketState(Files.createFile(folder.resolve("file"))));
        assertEquals(SocketState.NOT_A_SOCKET, host.socketState(folder));
    }

    @Test
    void whatCannotBeFoundOutCountsAsLive() throws IOException {
        Path loop = folder.resolve("loop");
        Files.createSymbolicLink(loop, loop);

        assertEquals(SocketState.LIVE, host.socketState(loop.resolve("vm1.sock")));
    }
}
