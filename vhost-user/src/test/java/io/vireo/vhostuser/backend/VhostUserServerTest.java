package io.vireo.vhostuser.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.Errno;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class VhostUserServerTest {
    @TempDir
    private Path folder;

    private Path path() {
        return folder.resolve("s");
    }

    @Test
    void replacesAStaleSocket() throws Exception {
        UnixSocket.bind(path()).close();
        assertTrue(Files.exists(path()));
        try (SessionFixture f = new SessionFixture(folder)) {
            f.assertNextFrontendIsServed();
        }
    }

    @Test
    void refusesASocketThatSomebodyServesAndLeavesItAlone() throws Exception {
        try (SessionFixture f = new SessionFixture(folder)) {
            IOException refusal =
                    assertThrows(IOException.class, () -> VhostUserServer.bind(path(), new RecordingDevice()));
            assertEquals(
                    path() + " is in use by another process: stop it, or choose another path", refusal.getMessage());
            assertEquals("recorder: frontend disconnected", f.log.awaitEndOfSession(), "that was the attempt");
            f.device.stoppedBeforeReset();
            f.assertNextFrontendIsServed();
        }
    }

    @Test
    void refusesAnythingElseThatIsInTheWay() throws Exception {
        Files.writeString(path(), "precious");
        assertThrowsNoSocket();
        assertEquals("precious", Files.readString(path()));
        Files.delete(path());
        Files.createDirectory(path());
        assertThrowsNoSocket();
        Files.delete(path());
        Files.createSymbolicLink(path(), folder.resolve("nowhere"));
        assertThrowsNoSocket();
    }

    private void assertThrowsNoSocket() {
        IOException refusal =
                assertThrows(IOException.class, () -> VhostUserServer.bind(path(), new RecordingDevice()));
        assertEquals(path() + " exists and is no socket: remove it, or choose another path", refusal.getMessage());
    }

    @Test
    void refusesFrontendsUntilItIsStarted() throws Exception {
        try (VhostUserServer server = VhostUserServer.bind(path(), new RecordingDevice())) {
            LinuxException refusal = assertThrows(LinuxException.class, () -> UnixSocket.connect(path()));
            assertEquals(Errno.ECONNREFUSED, refusal.errno());
            server.start();
            UnixSocket.connect(path()).close();
        }
        assertFalse(Files.exists(path()));
    }

    @Test
    void removesItsSocketWhenClosedAndDoesNothingTheSecondTime() throws Exception {
        try (SessionFixture f = new SessionFixture(folder)) {
            f.server.close();
            assertFalse(Files.exists(path()));
            Files.writeString(path(), "somebody else's by now");
            f.server.close();
            assertTrue(Files.exists(path()));
        }
    }

    @Test
    void closeEndsASessionAndStopsItsRings() throws Exception {
        try (SessionFixture f = new SessionFixture(folder);
                VhostUserFrontend frontend = f.negotiated()) {
            f.start(frontend, 0, 0);
            f.server.close();
            assertEquals(List.of(new RecordingDevice.Stopped(0), new RecordingDevice.Reset()), drained(f.device));
            assertEquals(0, SessionFixture.mappings());
        }
    }

    private static List<RecordingDevice.Event> drained(RecordingDevice device) {
        List<RecordingDevice.Event> events = new ArrayList<>();
        device.events.drainTo(events);
        return events;
    }

    @Test
    void closeEndsASessionInTheMiddleOfAHalfSentMessage() throws Exception {
        try (SessionFixture f = new SessionFixture(folder);
                HostileFrontend hostile = new HostileFrontend(f)) {
            hostile.start(1).raw(HostileFrontend.header(2, 1, 8)).raw(new byte[3]);
            f.device.await(RecordingDevice.Started.class); // the session is in that message, or about to
            f.server.close();
            assertEquals(List.of(new RecordingDevice.Stopped(1), new RecordingDevice.Reset()), drained(f.device));
            hostile.assertClosed();
        }
    }

    /** A descriptor's number is reused at once: what closes late must not touch its next owner. */
    @Test
    void closeLeavesOtherConnectionsAloneThatGotTheNumberOfItsLastSession() throws Exception {
        Path elsewhere = folder.resolve("elsewhere");
        List<UnixSocket> others = new ArrayList<>();
        try (SessionFixture f = new SessionFixture(folder);
                UnixSocket listener = UnixSocket.bind(elsewhere)) {
            f.assertNextFrontendIsServed();
            listener.listen(16);
            for (int i = 0; i < 8; i++) {
                others.add(UnixSocket.connect(elsewhere));
                others.add(listener.accept());
            }
            f.server.close();
            for (int i = 0; i < others.size(); i += 2) {
                others.get(i).send(new byte[] {42}, List.of());
                List<Fd> fds = new ArrayList<>();
                assertEquals(1, others.get(i + 1).receive(new byte[1], 0, 1, fds));
            }
        } finally {
            others.forEach(UnixSocket::close);
        }
    }
}
