package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.appliance.config.Host.SocketState;
import io.vireo.vhostuser.backend.VhostUserSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What may stand where a socket is to be: it matters to start, and to nothing else. */
class SocketInUseTest {
    private static final String ALLOWED =
            "; allowed: a path of at most 107 bytes when absolute, in an existing directory, "
                    + "unique, free or a stale socket";

    @TempDir
    Path folder;

    private final FakeHost host = FakeHost.PLAIN.withUser(Host.local().userId());

    @ParameterizedTest
    @EnumSource(names = {"ABSENT", "STALE"})
    void nothingAndAStaleSocketAreInNobodysWay(SocketState state) throws Exception {
        Path socket = folder.resolve("vm1.sock");

        ApplianceConfig config = ApplianceConfig.toStart(file("vm1.sock"), host.withSocket(socket, state));

        assertEquals(socket, config.router().guests().getFirst().socket().path());
    }

    @Test
    void refusesASocketInUse() throws IOException {
        Path socket = folder.resolve("vm1.sock");

        assertEquals(
                "FILE:17: guests[0].socket: " + socket + " is in use by another process" + ALLOWED,
                refusal("vm1.sock", host.withSocket(socket, SocketState.LIVE)));
    }

    @Test
    void refusesWhatIsNoSocket() throws IOException {
        Path socket = folder.resolve("vm1.sock");

        assertEquals(
                "FILE:17: guests[0].socket: " + socket + " exists and is no socket" + ALLOWED,
                refusal("vm1.sock", host.withSocket(socket, SocketState.NOT_A_SOCKET)));
    }

    @Test
    void refusesADirectoryThatIsNotThere() throws IOException {
        Path parent = folder.resolve("none");

        assertEquals(
                "FILE:17: guests[0].socket: there is no directory " + parent + ALLOWED, refusal("none/vm1.sock", host));
    }

    @Test
    void takesAnotherDirectoryThatIsThere() throws Exception {
        Path socket = Files.createDirectory(folder.resolve("other")).resolve("vm1.sock");

        ApplianceConfig config = ApplianceConfig.toStart(file(socket.toString()), host);

        assertEquals(socket, config.router().guests().getFirst().socket().path());
    }

    @ParameterizedTest
    @EnumSource
    void readingForAnythingElseDoesNotCare(SocketState state) throws Exception {
        Path socket = folder.resolve("vm1.sock");

        ApplianceConfig config = ApplianceConfig.read(file("vm1.sock"), host.withSocket(socket, state));

        assertEquals(socket, config.router().guests().getFirst().socket().path());
    }

    /** The guest's VMM may be there already; connecting to find out would be taken for Vireo. */
    @ParameterizedTest
    @EnumSource
    void aGuestWhoseVmmListensStartsWhateverIsThere(SocketState state) throws Exception {
        Path socket = folder.resolve("vm1.sock");

        ApplianceConfig config =
                ApplianceConfig.toStart(file("vm1.sock\n    mode: client"), host.withSocket(socket, state));

        assertEquals(
                VhostUserSocket.client(socket),
                config.router().guests().getFirst().socket());
    }

    private Path file(String socket) throws IOException {
        String text = Example.with("runtime-dir: /run/vireo", "runtime-dir: " + folder);
        return Example.write(Example.replace(text, "socket: vm1.sock", "socket: " + socket), folder);
    }

    private String refusal(String socket, Host on) throws IOException {
        Path file = file(socket);
        return Example.problems(file, assertThrows(ConfigException.class, () -> ApplianceConfig.toStart(file, on)));
    }
}
