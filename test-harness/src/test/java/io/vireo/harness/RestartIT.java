package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestConfig;
import io.vireo.harness.guests.QemuGuest;
import io.vireo.harness.packets.Mac;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Vireo is killed in the midst of its guests' traffic, and starts again: none of them reboots. */
@Timeout(300)
class RestartIT {
    private static final int KILLS = 10;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration BACK_WITHIN = Duration.ofSeconds(5);
    private static final String GUESTS = """
            networks:
              - {name: default, ipv4: 10.0.0.0/24}
            guests:
              - {name: vm1, network: default, mac: "52:54:00:12:34:01", ipv4: 10.0.0.5}
              - {name: vm2, network: default, mac: "52:54:00:12:34:02", ipv4: 10.0.0.6, mode: client}
              - {name: vm3, network: default, mac: "52:54:00:12:34:03", ipv4: 10.0.0.7, mode: client}
            """;

    @TempDir
    Path folder;

    private ApplianceProcess vireo;

    @BeforeEach
    void start() throws IOException {
        vireo = ApplianceProcess.start(folder, GUESTS);
    }

    @AfterEach
    void end() {
        vireo.close();
    }

    private Guest boot(int number, boolean packed, boolean listens) throws IOException {
        Path socket = folder.resolve("run/vm" + number + ".sock");
        Mac mac = Mac.parse("52:54:00:12:34:0" + number);
        Guest guest = QemuGuest.start(GuestConfig.of("vm" + number)
                .withMemory(128)
                .withLink(new GuestConfig.Link(socket, Optional.of(mac), packed, listens)));
        guest.lease();
        return guest;
    }

    @Test
    void guestsInQemuGoOnAfterEachOfTenKills() throws Exception {
        try (Guest connecting = boot(1, false, false);
                Guest listening = boot(2, false, true);
                Guest packed = boot(3, true, true)) {
            List<Guest> guests = List.of(connecting, listening, packed);
            connecting.run("ping -i 0.01 10.0.0.6 >/dev/null &", SOON);
            listening.run("ping -i 0.01 10.0.0.7 >/dev/null &", SOON);
            packed.run("ping -i 0.01 10.0.0.5 >/dev/null &", SOON);
            for (int kill = 0; kill < KILLS; kill++) {
                vireo.close();
                start();
                long startNs = System.nanoTime();
                for (Guest guest : guests) {
                    guest.run("until ping -c 1 -W 1 10.0.0.1 >/dev/null; do :; done", SOON);
                    Duration taken = Duration.ofNanos(System.nanoTime() - startNs);
                    System.err.println(kill + " " + taken);
                    assertTrue(taken.compareTo(BACK_WITHIN) < 0, () -> "kill: " + taken);
                }
            }
        }
    }
}
