package io.vireo.harness.guests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwtpmIT {
    private static final int ENDORSEMENT_KEY = 0x8100_0001;
    /** The bytes of an RSA-2048 key's public area. */
    private static final int RSA_2048 = 314;

    @TempDir
    private Path folder;

    @Test
    void hasItsKeysAgainAfterACrash() throws IOException {
        try (Swtpm tpm = Swtpm.start(folder)) {
            tpm.run(
                    "tpm2_createek",
                    "-c",
                    "0x81000001",
                    "-G",
                    "rsa",
                    "-u",
                    folder.resolve("ek").toString());
            byte[] before = tpm.publicArea(ENDORSEMENT_KEY);
            assertEquals(RSA_2048, before.length);
            tpm.kill();
            tpm.start();
            assertArrayEquals(before, tpm.publicArea(ENDORSEMENT_KEY));
        }
    }

    @Test
    void aFailedToolSaysWhy() throws IOException {
        try (Swtpm tpm = Swtpm.start(folder)) {
            GuestException e = assertThrows(GuestException.class, () -> tpm.publicArea(ENDORSEMENT_KEY));
            assertTrue(String.valueOf(e.getMessage()).contains("handle"), e.getMessage());
        }
    }
}
