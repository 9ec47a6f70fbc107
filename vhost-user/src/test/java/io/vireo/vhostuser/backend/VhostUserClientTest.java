package io.vireo.vhostuser.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class VhostUserClientTest {
    @TempDir
    private Path folder;

    private final RecordingDevice device = new RecordingDevice();

    private Path path() {
        return folder.resolve("s");
    }

    private VhostUserBackend start() throws IOException {
        VhostUserBackend backend = VhostUserBackend.open(VhostUserSocket.client(path()), device);
        backend.start();
        return backend;
    }

    private UnixSocket listen() throws IOException {
        UnixSocket listener = UnixSocket.bind(path());
        listener.listen(1);
        return listener;
    }

    private static void assertServes(UnixSocket listener) throws IOException {
        try (VhostUserFrontend frontend = VhostUserFrontend.on(listener.accept())) {
            assertEquals(SessionFixture.FEATURES, frontend.getFeatures());
        }
    }

    @Test
    void connectsToAFrontendThatListensAlreadyAndAgainWheneverItHasLeft() throws Exception {
        try (UnixSocket listener = listen();
                VhostUserBackend ignored = start()) {
            for (int life = 0; life < 3; life++) {
                assertServes(listener);
            }
        }
    }

    @Test
    void waitsForAFrontendThatComesLaterAndForItsSuccessor() throws Exception {
        try (CapturedLog log = new CapturedLog();
                VhostUserBackend ignored = start()) {
            assertEquals("recorder: connect to %s: ENOENT".formatted(path()), reason(log.next()));
            for (int life = 0; life < 2; life++) {
                try (UnixSocket listener = listen()) {
                    assertServes(listener);
                }
                Files.delete(path());
            }
        }
    }

    private static String reason(String line) {
        return line.replaceFirst("; trying until its frontend listens there$", "");
    }

    @Test
    void saysOnceWhyItWaits() throws Exception {
        try (CapturedLog log = new CapturedLog()) {
            try (VhostUserBackend ignored = start()) {
                log.next();
                UnixSocket.bind(path()).close(); // a stale socket: another reason
                assertEquals("recorder: connect to %s: ECONNREFUSED".formatted(path()), reason(log.next()));
                Files.delete(path());
                try (UnixSocket listener = listen()) { // and the attempts after it were silent
                    assertServes(listener);
                }
            }
            assertEquals("recorder: frontend connected", log.next());
        }
    }

    @Test
    void leavesTheFileAloneWhenClosed() throws Exception {
        try (UnixSocket listener = listen()) {
            VhostUserBackend backend = start();
            try (VhostUserFrontend frontend = VhostUserFrontend.on(listener.accept())) {
                frontend.getFeatures();
                backend.close();
            }
            assertTrue(Files.exists(path()));
            backend.close();
        }
    }

    @Test
    void closeEndsItsWait() throws Exception {
        start().close();
    }

    /** A listener that accepts nobody: connecting would wait without end for room in its queue. */
    @Test
    void isNotHeldUpByAFrontendThatDoesNotAccept() throws Exception {
        try (CapturedLog log = new CapturedLog();
                UnixSocket listener = UnixSocket.bind(path())) {
            listener.listen(0);
            try (UnixSocket first = UnixSocket.connect(path());
                    VhostUserBackend ignored = start()) {
                assertEquals("recorder: connect to %s: EAGAIN".formatted(path()), reason(log.next()));
                listener.accept().close();
                assertServes(listener);
                assertTrue(first.receive(new byte[1], 0, 1, new ArrayList<>()) == 0);
            }
        }
    }

    @Test
    void pausesGrowToASecond() {
        long pauseNs = 50_000_000;
        for (int attempt = 0; attempt < 5; attempt++) {
            pauseNs = VhostUserClient.longer(pauseNs);
        }
        assertEquals(1_000_000_000, pauseNs);
    }
}
