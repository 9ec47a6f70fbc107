package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestResult;
import io.vireo.harness.guests.KernelVsockSuite;
import io.vireo.harness.guests.UserModeLinux;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel's own tests of vsock, of streams and messages, between two user-mode Linux guests of one group. The two ends of a
 * test keep in step over TCP, over the product's network.
 */
@Timeout(180)
class VsockSuiteIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration SUITE = Duration.ofSeconds(90);
    private static final int CONTROL_PORT = 1234;
    private static final Pattern RESULT = Pattern.compile("^\\d+ - (.*)\\.\\.\\.(.*)$", Pattern.MULTILINE);
    /** What Debian 12's source has. */
    private static final int TESTS = 11;

    @TempDir
    Path folder;

    @Test
    void allTestsOfTheKernelPassBetweenTwoGuests() throws Exception {
        Path suite = KernelVsockSuite.compile(Files.createDirectory(folder.resolve("suite")));
        try (VsockAppliance host = VsockAppliance.start(folder, 2, "");
                Guest vm1 = boot(host, 1, suite);
                Guest vm2 = boot(host, 2, suite)) {
            vm1.lease();
            vm2.lease();
            vm1.run(command("server", 2) + " >/tmp/server 2>&1 &", SOON);
            vm1.run("until netstat -tln | grep -q :%d; do usleep 10000; done".formatted(CONTROL_PORT), SOON);
            GuestResult client = vm2.exec(command("client --control-host=" + VsockAppliance.address(1), 1), SUITE);
            String server = vm1.run("cat /tmp/server", SOON);
            assertEquals(0, client.exitCode(), () -> client.output() + server + host.log());
            assertAllPass(client.output());
            assertAllPass(server);
        }
    }

    private static Guest boot(VsockAppliance host, int number, Path suite) throws Exception {
        return UserModeLinux.start(
                host.guest(number).withLink(host.card(number)).withProgram(suite.toString(), "linux-source"));
    }

    private static String command(String mode, int peer) {
        return "%s --mode=%s --control-port=%d --peer-cid=%d"
                .formatted(KernelVsockSuite.NAME, mode, CONTROL_PORT, VsockAppliance.cid(peer));
    }

    private static void assertAllPass(String output) {
        List<MatchResult> results = RESULT.matcher(output).results().toList();
        assertTrue(results.size() >= TESTS, output);
        assertTrue(results.stream().anyMatch(result -> result.group(1).startsWith("SOCK_SEQPACKET")), output);
        for (MatchResult result : results) {
            assertEquals("ok", result.group(2), output);
        }
        assertTrue(output.endsWith("Waiting other peer...ok\n"), output);
    }
}
