package io.vireo.appliance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file with two guests, whose directories are within a test's folder and not yet there. */
final class TestConfig {
    private TestConfig() {}

    static Path runtimeDir(Path folder) {
        return folder.resolve("run");
    }

    static Path stateDir(Path folder) {
        return folder.resolve("state");
    }

    static Path write(Path folder) throws IOException {
        return write(folder, "vm1.sock");
    }

    /** @param socket the first guest's */
    static Path write(Path folder, String socket) throws IOException {
        return Files.writeString(
                folder.resolve("vireo.yaml"), """
                runtime-dir: %s
                state-dir: %s
                socket-mode: "0600"
                networks:
                  - name: default
                    ipv4: 10.0.0.0/24
                guests:
                  - name: vm1
                    network: default
                    mac: "52:54:00:12:34:01"
                    ipv4: 10.0.0.5
                    socket: "%s"
                  - name: vm2
                    network: default
                    mac: "52:54:00:12:34:02"
                    ipv4: 10.0.0.6
                """.formatted(runtimeDir(folder), stateDir(folder), socket));
    }
}
