package io.vireo.harness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.UserModeLinux;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The product, a real kernel that pings all the time, and beside it {@code src/test/python/hostile.py}, which has nothing in
 * common with the harness: another reading of the specifications by another language's standard library.
 */
@Timeout(180)
class HostilePythonIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Path SCRIPT = Path.of("src/test/python/hostile.py");
    private static final String NETWORK = """
            networks:
              - {name: default, ipv4: 10.0.0.0/24}
            guests:
              - {name: vm1, network: default, mac: "52:54:00:12:34:01", ipv4: 10.0.0.5}
              - {name: vm2, network: default, mac: "52:54:00:12:34:02", ipv4: 10.0.0.6}
            """;
    private static final Pattern STATISTICS =
            Pattern.compile("(\\d+) packets transmitted, (\\d+) packets received, 0% packet loss");
    private static final int LEAST_CASES = 40;
    private static final int LEAST_PINGS = 10;

    @TempDir
    Path folder;

    @Test
    void whatAHostileFrontendDoesIsNotSeenByAGuestThatPings() throws Exception {
        try (ApplianceProcess appliance = ApplianceProcess.start(folder, NETWORK);
                Guest vm1 = UserModeLinux.boot("vm1", folder.resolve("run/vm1.sock"))) {
            vm1.lease();
            vm1.run("ping -i 0.1 10.0.0.1 > /tmp/pings & echo $! > /tmp/ping.pid", SOON);
            List<String> cases = runHostile(folder.resolve("run/vm2.sock"));
            String pings = vm1.run("kill -INT $(cat /tmp/ping.pid); sleep 1; tail -n 3 /tmp/pings", SOON);

            assertTrue(cases.size() >= LEAST_CASES, () -> String.join("\n", cases));
            assertTrue(cases.stream().allMatch(line -> line.startsWith("ok ")), () -> String.join("\n", cases));
            Matcher statistics = STATISTICS.matcher(pings);
            assertTrue(statistics.find(), pings);
            assertTrue(Integer.parseInt(statistics.group(1)) >= LEAST_PINGS, pings);
            assertEquals(statistics.group(1), statistics.group(2), pings);
            assertTrue(appliance.process().isAlive(), appliance.log());
            System.out.printf("%d cases of a hostile frontend in Python; meanwhile %s%n", cases.size(), pings.strip());
        }
    }

    private static List<String> runHostile(Path socket) throws Exception {
        List<String> command = List.of(
                "python3", "-B", SCRIPT.toString(), socket.toString(), "52:54:00:12:34:02", "10.0.0.6", "10.0.0.1");
        Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(python.getInputStream().readAllBytes(), UTF_8);
            assertEquals(0, python.waitFor(), output);
            return output.lines().toList();
        } finally {
            python.destroyForcibly();
        }
    }
}
