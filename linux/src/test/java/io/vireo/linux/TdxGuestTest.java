package io.vireo.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TdxGuestTest {
    private static final int ENOTTY = 25;

    @Test
    void namesTheDeviceThatIsMissing() {
        LinuxException missing = assertThrows(LinuxException.class, () -> TdxGuest.open(Path.of("/nowhere/tdx")));
        assertEquals("open of /nowhere/tdx: ENOENT", missing.getMessage());
    }

    @Test
    void namesTheRequestThatADeviceDoesNotKnow() throws Exception {
        try (TdxGuest guest = TdxGuest.open(Path.of("/dev/null"))) {
            LinuxException refused =
                    assertThrows(LinuxException.class, () -> guest.report(new byte[TdxGuest.REPORT_DATA_SIZE]));
            assertEquals(ENOTTY, refused.errno());
        }
    }

    @Test
    void takesReportDataOfItsSizeOnly() throws Exception {
        try (TdxGuest guest = TdxGuest.open(Path.of("/dev/null"))) {
            assertThrows(IllegalArgumentException.class, () -> guest.report(new byte[65]));
        }
    }
}
