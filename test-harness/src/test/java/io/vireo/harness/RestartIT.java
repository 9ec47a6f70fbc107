package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.guests.DpdkEcho;
import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestConfig;
import io.vireo.harness.guests.QemuGuest;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.Packets;
import io.vireo.harness.packets.UdpDatagram;
import java.io.IOException;
import java.net.Inet4Address;
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
    private static final int FRAMES = 200;
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
    private long readyNs;

    @BeforeEach
    void start() throws IOException {
        vireo = ApplianceProcess.start(folder, GUESTS);
        readyNs = System.nanoTime();
    }

    @AfterEach
    void end() {
        vireo.close();
    }

    private void restart() throws IOException {
        vireo.close();
        start();
    }

    private void assertInTime(String who) {
        Duration taken = Duration.ofNanos(System.nanoTime() - readyNs);
        assertTrue(taken.compareTo(BACK_WITHIN) < 0, () -> who + " needed " + taken);
    }

    private Path socket(int number) {
        return folder.resolve("run/vm" + number + ".sock");
    }

    private static Mac mac(int number) {
        return Packets.mac("52:54:00:12:34:0" + number);
    }

    // ---- QEMU

    private Guest boot(int number, boolean packed, boolean listens) throws IOException {
        Guest guest = QemuGuest.start(GuestConfig.of("vm" + number)
                .withMemory(128)
                .withLink(new GuestConfig.Link(socket(number), Optional.of(mac(number)), packed, listens)));
        guest.lease();
        return guest;
    }

    /** One that connects, and reconnects; and two that listen, of which one has packed rings. */
    @Test
    void guestsInQemuGoOn() throws Exception {
        try (Guest connecting = boot(1, false, false);
                Guest listening = boot(2, false, true);
                Guest packed = boot(3, true, true)) {
            connecting.run("ping -i 0.01 10.0.0.6 >/dev/null &", SOON);
            listening.run("ping -i 0.01 10.0.0.7 >/dev/null &", SOON);
            packed.run("ping -i 0.01 10.0.0.5 >/dev/null &", SOON);
            for (int kill = 0; kill < KILLS; kill++) {
                restart();
                for (Guest guest : List.of(connecting, listening, packed)) {
                    guest.run("until ping -c 1 -W 1 10.0.0.1 >/dev/null; do :; done", SOON);
                    assertInTime("a guest in QEMU");
                }
            }
        }
    }

    // ---- DPDK

    @Test
    void guestsOfDpdkGoOn() throws Exception {
        try (DpdkEcho ignored = DpdkEcho.start(
                new DpdkEcho.Port(socket(2), mac(2), false), new DpdkEcho.Port(socket(3), mac(3), true))) {
            readyNs = System.nanoTime();
            for (int kill = 0; kill <= KILLS; kill++) {
                try (VhostUserFrontendDevice sender = VhostUserFrontendDevice.connect(socket(1))) {
                    sender.setup();
                    for (int i = 0; i < FRAMES; i++) {
                        sender.provideRxBuffer(TestGuest.BUFFER_SIZE);
                    }
                    for (String echo : List.of("10.0.0.6", "10.0.0.7")) {
                        awaitEcho(sender, echo, TestGuest.payload(100, kill));
                        assertInTime("a guest of DPDK's at " + echo);
                    }
                    for (int round = 0; round < kill + 1; round++) {
                        sender.sendCopies(datagram("10.0.0.6", new byte[1000]), FRAMES);
                        sender.sendCopies(datagram("10.0.0.7", new byte[1000]), FRAMES);
                        sender.discardReceived();
                    }
                    restart();
                }
            }
        }
    }

    private static byte[] datagram(String to, byte[] payload) {
        return Packets.createUdp(
                mac(1),
                TestGuest.GATEWAY_MAC,
                Packets.ip("10.0.0.5"),
                Packets.ip(to),
                40_000,
                7,
                payload,
                TestGuest.TTL);
    }

    /** Frames that are lost on the way to a guest that is not back yet are sent again. */
    private static void awaitEcho(VhostUserFrontendDevice sender, String to, byte[] payload) throws IOException {
        Inet4Address echo = Packets.ip(to);
        long deadlineNs = System.nanoTime() + SOON.toNanos();
        while (System.nanoTime() < deadlineNs) {
            sender.sendPacket(datagram(to, payload));
            while (sender.waitForRx(100)) {
                Optional<UdpDatagram> answer =
                        Packets.parseUdp(sender.recvPacket().orElseThrow());
                if (answer.isPresent() && answer.get().srcIp().equals(echo)) {
                    if (Octets.of(payload).equals(answer.get().payload())) {
                        return;
                    }
                }
            }
        }
        fail("no echo of " + to);
    }
}
