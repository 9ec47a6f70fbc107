package io.vireo.vhostuser.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.vhostuser.frontend.VhostUserFrontend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Frontends die at any time; whatever state they leave behind, nothing of it stays. */
@Timeout(30)
class VhostUserDisconnectTest {
    @TempDir
    private Path folder;

    @Test
    void releasesEverythingAfterEachMessageOfAStartUp() throws Exception {
        try (SessionFixture f = new SessionFixture(folder)) {
            List<SessionFixture.Step> steps = f.startUp();
            f.assertNextFrontendIsServed(); // warms up: classes that are loaded open files
            int descriptors = SessionFixture.openDescriptors();
            for (int last = 0; last <= steps.size(); last++) {
                try (VhostUserFrontend frontend = f.connect()) {
                    for (SessionFixture.Step step : steps.subList(0, last)) {
                        step.run(frontend);
                    }
                }
                assertEquals("recorder: frontend disconnected", f.log.awaitEndOfSession(), "after message " + last);
                assertEquals(ringsStartedBy(last), f.device.stoppedBeforeReset().size(), "after message " + last);
                assertEquals(descriptors, SessionFixture.openDescriptors(), "after message " + last);
                assertEquals(0, SessionFixture.mappings(), "after message " + last);
                f.assertNextFrontendIsServed();
            }
        }
    }

    /** The start-up is 8 messages, then 7 for each ring, the sixth of which starts it. */
    private static int ringsStartedBy(int messages) {
        return messages < 8 + 6 ? 0 : messages < 8 + 7 + 6 ? 1 : 2;
    }

    @Test
    void stopsARingThatFailedToStart() throws Exception {
        try (SessionFixture f = new SessionFixture(folder);
                VhostUserFrontend frontend = f.negotiated()) {
            f.prepare(frontend, 0, 0);
            f.device.failing = true;
            assertThrows(IOException.class, () -> frontend.setVringKick(0, f.kick.fd()));
            assertEquals("recorder: session failed", f.log.awaitEndOfSession());
            assertEquals(Set.of(0), f.device.stoppedBeforeReset(), "it may run nevertheless");
            assertEquals(0, SessionFixture.mappings());
            f.device.failing = false;
            f.assertNextFrontendIsServed();
        }
    }

    @Test
    void leavesNothingBehindAfterAHundredSessions() throws Exception {
        try (SessionFixture f = new SessionFixture(folder)) {
            f.assertNextFrontendIsServed();
            int descriptors = SessionFixture.openDescriptors();
            for (int i = 0; i < 100; i++) {
                f.assertNextFrontendIsServed();
            }
            assertEquals(descriptors, SessionFixture.openDescriptors());
            assertEquals(0, SessionFixture.mappings());
        }
    }
}
