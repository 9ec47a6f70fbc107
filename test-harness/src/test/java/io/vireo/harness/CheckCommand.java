package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.guests.Host;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code ./vireo check}, as a process of its own in the network namespace of the calling thread. */
final class CheckCommand {
    private CheckCommand() {}

    /**
     * What is to be done about forwarding, NAT and the firewall: all else is the machine's matter.
     *
     * @param prefix a command that runs a command
     */
    static List<String> cures(Path config, List<String> prefix) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.vireo.appliance.Main",
                "check",
                "--config",
                config.toString()));
        Host.Output output = Host.run(command);
        assertEquals(1, output.status(), output.text()); // as vireo0 is no TUN device, or in use
        return output.text()
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("nft ") || line.matches("sysctl -w net.*forward.*"))
                .toList();
    }
}
