package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestConfig;
import io.vireo.harness.guests.UserModeLinux;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the product's process holds of guests that are gone: nothing, however often they come, and however they leave. */
@Timeout(180)
class LeakIT {
    private static final int BOOTS = 10;
    private static final int ATTACHMENTS = 1000;
    private static final int WARM_UP = 2;
    private static final long PATIENCE_NS = 5_000_000_000L;
    private static final long PAUSE_NS = 10_000_000;

    @TempDir
    Path folder;

    private VsockAppliance vireo;

    @BeforeEach
    void start() throws IOException {
        vireo = VsockAppliance.start(folder, 1, "");
    }

    @AfterEach
    void end() {
        vireo.close();
    }

    @Test
    void guestsThatAreKilledAndBootAgainLeaveNothing() throws Exception {
        GuestConfig config = GuestConfig.of("vm1").withLink(vireo.card(1)).withVsock(vireo.vsock(1));
        ProcessState early = null;
        for (int boot = 1; boot <= BOOTS; boot++) {
            try (Guest guest = UserModeLinux.start(config)) {
                guest.lease();
                Traffic.assertPings(guest, "10.0.0.1");
                if (boot == WARM_UP) {
                    early = state();
                }
                if (boot == BOOTS) {
                    assertComesTo(early);
                }
                guest.kill();
            }
        }
    }

    @Test
    void frontendsOfBothDevicesThatComeAndGoLeaveNothing() throws Exception {
        ProcessState early = null;
        for (int attachment = 1; attachment <= ATTACHMENTS; attachment++) {
            // that they can attach shows that the sessions before have ended
            try (VhostUserFrontendDevice card = VhostUserFrontendDevice.connect(vireo.card(1));
                    VsockFrontendDevice ignored = VsockFrontendDevice.attach(vireo.vsock(1))) {
                card.setup();
                if (attachment == WARM_UP) {
                    early = state();
                }
                if (attachment == ATTACHMENTS) {
                    assertComesTo(early);
                }
            }
        }
    }

    private ProcessState state() throws IOException {
        return ProcessState.of(vireo.process());
    }

    /** The last of what a frontend tells may be under way still. */
    private void assertComesTo(@Nullable ProcessState early) throws IOException {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!state().equals(early) && System.nanoTime() < deadlineNs) {
            LockSupport.parkNanos(PAUSE_NS);
        }
        assertEquals(early, state());
    }
}
