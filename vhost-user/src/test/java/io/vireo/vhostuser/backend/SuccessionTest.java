package io.vireo.vhostuser.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who has a socket while several want it. */
@Timeout(20)
class SuccessionTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 12, 15})
    void aFrontendThatIsSilentFromTheStartGivesWayToTheNext(int bytes) throws Exception {
        try (SessionFixture f = new SessionFixture(folder, Integer.MAX_VALUE, 0);
                HostileFrontend silent = new HostileFrontend(f)) {
            if (bytes > 0) { // a message that does not end
                byte[] half = new byte[bytes];
                System.arraycopy(HostileFrontend.header(2, 1, 8), 0, half, 0, Math.min(bytes, 12));
                silent.raw(half);
            }
            try (VhostUserFrontend next = f.connect()) {
                assertEquals(SessionFixture.FEATURES, next.getFeatures());
                assertEquals(
                        "recorder: session closed: silent from the start, while another frontend waits",
                        f.log.awaitEndOfSession());
                silent.assertClosed();
            }
        }
    }

    @Test
    void anOwnerStaysHoweverSilentItIs() throws Exception {
        try (SessionFixture f = new SessionFixture(folder, Integer.MAX_VALUE, 0);
                HostileFrontend owner = new HostileFrontend(f)) {
            owner.send(Request.SET_OWNER, new byte[0]).send(Request.GET_FEATURES, new byte[0]);
            assertNotNull(owner.receive());
            try (VhostUserFrontend next = f.connect()) {
                owner.send(Request.GET_FEATURES, new byte[0]);
                assertNotNull(owner.receive());
                owner.close();
                assertEquals("recorder: frontend disconnected", f.log.awaitEndOfSession());
                assertEquals(SessionFixture.FEATURES, next.getFeatures());
            }
        }
    }

    /** As a frontend that violates and comes back at once, for ever. */
    @Test
    void linesThatSessionsCauseAreCountedAndNotWrittenAfterTheFirstOfAMinute() throws Exception {
        try (SessionFixture f = new SessionFixture(folder, 5, 0)) {
            for (int i = 0; i < 100; i++) {
                try (HostileFrontend hostile = new HostileFrontend(f)) {
                    hostile.raw(HostileFrontend.header(99, 1, 0)).assertClosed();
                }
            }
            try (VhostUserFrontend next = f.connect()) {
                assertEquals(SessionFixture.FEATURES, next.getFeatures()); // so all before it have ended
                f.clockNs.addAndGet(TimeUnit.MINUTES.toNanos(1));
            }
            for (int i = 0; i < 2; i++) {
                assertEquals("recorder: frontend connected", f.log.next());
                assertEquals("recorder: session closed: unknown request 99", f.log.next());
            }
            assertEquals("recorder: frontend connected", f.log.next());
            assertEquals("recorder: 196 lines about it were left out", f.log.next());
            assertEquals("recorder: frontend disconnected", f.log.next());
        }
    }
}
