package io.vireo.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.constants.platform.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code vireo run} as an init system sees it: a line, signals, an exit code, files. */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class RunCommandTest {
    @TempDir
    Path folder;

    private int started;

    private VireoProcess run(Path config) throws IOException {
        started++;
        return VireoProcess.start(folder.resolve("stderr" + started), "run", "--config", config.toString());
    }

    @ParameterizedTest
    @EnumSource(
            value = Signal.class,
            names = {"SIGTERM", "SIGINT"})
    void endsCleanlyAtASignal(Signal signal) throws Exception {
        try (VireoProcess vireo = run(TestConfig.write(folder))) {
            assertReady(vireo);

            vireo.signal(signal);

            assertEquals(0, vireo.exitCode(), vireo.err());
            assertNull(vireo.line(), "more than one line on stdout");
            assertFalse(Files.exists(socket("vm1.sock")));
            assertFalse(Files.exists(socket("vm2.sock")));
        }
    }

    @Test
    void goesOnAfterBeingAskedForItsCounters() throws Exception {
        try (VireoProcess vireo = run(TestConfig.write(folder))) {
            assertReady(vireo);

            vireo.signal(Signal.SIGUSR1);
            vireo.awaitErr("vm1 tx-frames 0");
            vireo.awaitErr("reactor-0 sleeps ");
            vireo.signal(Signal.SIGTERM);

            assertEquals(0, vireo.exitCode(), vireo.err());
            long printed = vireo.err().lines().filter("vm1 tx-frames 0"::equals).count();
            assertEquals(2, printed, "once when asked and once at the end");
        }
    }

    @Test
    void aSecondOneIsRefusedAndTheFirstServesOn() throws Exception {
        Path config = TestConfig.write(folder);
        try (VireoProcess first = run(config)) {
            assertReady(first);
            try (VireoProcess second = run(config)) {
                assertEquals(2, second.exitCode());
                assertNull(second.line());
                String inUse = " is in use by another process; allowed: ";
                assertTrue(second.err().contains("guests[0].socket: " + socket("vm1.sock") + inUse), second.err());
                assertTrue(second.err().contains("guests[1].name: " + socket("vm2.sock") + inUse), second.err());
            }
            assertListens("vm1.sock");
            assertListens("vm2.sock");
            first.signal(Signal.SIGTERM);
            assertEquals(0, first.exitCode(), first.err());
        }
    }

    @Test
    void startsOverTheSocketsOfOneThatWasKilled() throws Exception {
        Path config = TestConfig.write(folder);
        try (VireoProcess killed = run(config)) {
            assertReady(killed);
            killed.signal(Signal.SIGKILL);
            assertEquals(128 + Signal.SIGKILL.intValue(), killed.exitCode());
        }
        assertTrue(Files.exists(socket("vm1.sock")));

        try (VireoProcess next = run(config)) {
            assertReady(next);
            next.signal(Signal.SIGTERM);
            assertEquals(0, next.exitCode(), next.err());
        }
        assertFalse(Files.exists(socket("vm1.sock")));
    }

    @Test
    void saysInOneLineWhatFailed() throws Exception {
        // A directory in which nobody can make a socket, root included.
        try (VireoProcess vireo = run(TestConfig.write(folder, "/proc/vireo-test.sock"))) {
            assertEquals(1, vireo.exitCode());
            assertNull(vireo.line());
            assertTrue(vireo.err().lines().anyMatch(line -> line.startsWith("vireo: ")), vireo.err());
            assertTrue(vireo.err().contains("/proc/vireo-test.sock"), vireo.err());
            assertFalse(vireo.err().contains("\tat "), vireo.err());
            assertFalse(Files.exists(socket("vm2.sock")));
        }
    }

    @Test
    void warnsOnceOfAPoolThatIsTooSmallForItsGuests() throws Exception {
        Path config = TestConfig.write(folder);
        String text = Files.readString(config)
                .replace("ipv4: 10.0.0.0/24", "ipv4: 10.0.0.0/24\n    ipv4-pool: 10.0.0.6-10.0.0.6")
                .replace("    ipv4: 10.0.0.5\n", "");
        Files.writeString(config, text);
        try (VireoProcess vireo = run(config)) {
            assertReady(vireo);
            vireo.signal(Signal.SIGTERM);

            assertEquals(0, vireo.exitCode(), vireo.err());
            String warning = "network default: 1 guests lease addresses of a pool that has 0 for them";
            long told = vireo.err()
                    .lines()
                    .filter(line -> line.endsWith(" WARN  " + warning))
                    .count();
            assertEquals(1, told, vireo.err());
        }
    }

    @Test
    void doesNotWarnOfPoolsThatSuffice() throws Exception {
        try (VireoProcess vireo = run(TestConfig.write(folder))) {
            assertReady(vireo);
            vireo.signal(Signal.SIGTERM);

            assertEquals(0, vireo.exitCode(), vireo.err());
            assertFalse(vireo.err().contains(" WARN "), vireo.err());
        }
    }

    private void assertReady(VireoProcess vireo) throws IOException {
        String line = vireo.line();
        assertEquals("ready", line, vireo.err());
        assertListens("vm1.sock");
        assertListens("vm2.sock");
    }

    private void assertListens(String socket) throws IOException {
        try (SocketChannel frontend = SocketChannel.open(UnixDomainSocketAddress.of(socket(socket)))) {
            assertTrue(frontend.isConnected());
        }
    }

    private Path socket(String name) {
        return TestConfig.runtimeDir(folder).resolve(name);
    }
}
