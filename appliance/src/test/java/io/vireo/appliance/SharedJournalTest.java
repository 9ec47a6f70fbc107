package io.vireo.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.constants.platform.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that have nothing in common but the directory of their leases. */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class SharedJournalTest {
    @TempDir
    Path folder;

    @Test
    void theSecondSaysSoAndEndsAndTheFirstServesOn() throws Exception {
        try (VireoProcess first = run("one")) {
            assertEquals("ready", first.line(), first.err());
            try (VireoProcess second = run("two")) {
                assertEquals(1, second.exitCode(), second.err());
                assertNull(second.line());
                String inUse = "the lease journal %s is in use by another process"
                        .formatted(state().resolve("leases.journal"));
                assertTrue(second.err().contains("vireo: " + inUse), second.err());
                assertFalse(Files.exists(folder.resolve("two").resolve("vm1.sock")));
            }
            first.signal(Signal.SIGTERM);
            assertEquals(0, first.exitCode(), first.err());
        }
        try (VireoProcess next = run("two")) {
            assertEquals("ready", next.line(), next.err());
            next.signal(Signal.SIGTERM);
            assertEquals(0, next.exitCode(), next.err());
        }
    }

    private Path state() {
        return folder.resolve("state");
    }

    private VireoProcess run(String name) throws IOException {
        Path config = Files.writeString(folder.resolve(name + ".yaml"), """
                runtime-dir: %s
                state-dir: %s
                networks:
                  - name: default
                    ipv4: 10.0.0.0/24
                    ipv4-pool: 10.0.0.100-10.0.0.199
                guests:
                  - name: vm1
                    network: default
                    mac: "52:54:00:12:34:01"
                """.formatted(folder.resolve(name), state()));
        return VireoProcess.start(folder.resolve(name + ".stderr"), "run", "--config", config.toString());
    }
}
