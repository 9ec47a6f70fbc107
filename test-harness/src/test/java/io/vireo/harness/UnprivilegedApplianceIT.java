package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.eventually;
import static io.vireo.harness.OwnNamespace.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.NamespaceGuest;
import io.vireo.harness.packets.DhcpBuilder;
import io.vireo.harness.packets.DhcpMessageType;
import io.vireo.harness.packets.DhcpResponse;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import io.vireo.linux.User;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code ./vireo run} with {@code user:}, started by root: what it does as that user is all it did before. */
@Timeout(60)
class UnprivilegedApplianceIT {
    private static final String USER = "nobody";
    private static final int BYTES = 500_000;
    private static final long TIMEOUT_MS = 10_000;
    private static final Mac VM2 = Packets.mac("52:54:00:12:34:02");

    /** One that any user may look into, other than those that are made for tests. */
    private Path folder = Path.of("");

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("vireo-test-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void removeFolder() {
        Guest.deleteTree(folder);
    }

    @Test
    void allWorksAsAnotherUser() throws Exception {
        OwnNamespace.run(() -> {
            ip("link set lo up");
            try (ApplianceProcess appliance = start()) {
                Process process = appliance.process();
                DroppedPrivilegesIT.assertAllThreadsAre(User.find(USER).orElseThrow(), process);
                useIt(appliance);
                DroppedPrivilegesIT.assertAllThreadsAre(User.find(USER).orElseThrow(), process);
                process.destroy(); // SIGTERM
                assertTrue(process.waitFor(20, TimeUnit.SECONDS));
                assertEquals(0, process.exitValue(), appliance::log);
            }
            try (var left = Files.list(folder.resolve("run"))) {
                assertEquals(List.of(), left.toList());
            }
            assertEquals("", ip("route show"));
            assertFalse(ip("link show").contains(UplinkNetwork.TUN));
        });
    }

    private void useIt(ApplianceProcess appliance) throws Exception {
        try (EchoService host = EchoService.start();
                NamespaceGuest vm1 = UplinkNetwork.boot(1, folder.resolve("run/vm1.sock"));
                VhostUserFrontendDevice vm2 = VhostUserFrontendDevice.connect(folder.resolve("run/vm2.sock"))) {
            vm2.setup();
            for (int i = 0; i < 64; i++) {
                vm2.provideRxBuffer(TestGuest.BUFFER_SIZE);
            }
            Inet4Address leased = lease(vm2);
            EchoService.startIn(vm1);
            exchange(vm1);
            ip("link delete " + UplinkNetwork.TUN);
            renew(vm2, leased); // whatever becomes of the uplink
            eventually(() -> appliance.log().contains("in order again"), "the uplink");
            exchange(vm1);
            assertEquals(2, appliance.log().split("taken away", -1).length, appliance::log);
            renew(vm2, leased);
        }
    }

    private static void exchange(NamespaceGuest guest) throws Exception {
        EchoService.exchange(guest, UplinkNetwork.HOST, BYTES);
        EchoService.exchange(guest, UplinkNetwork.HOST_IPV6, BYTES);
        EchoService.exchange(UplinkNetwork.address(1), BYTES);
        EchoService.exchange(UplinkNetwork.addressIpv6(1), BYTES);
    }

    // ---- leases, each of which is in the journal before it is told

    private static Inet4Address lease(VhostUserFrontendDevice guest) throws IOException {
        guest.sendPacket(Packets.createDhcpDiscover(VM2, 1));
        DhcpResponse offer = await(guest, DhcpMessageType.OFFER);
        guest.sendPacket(Packets.createDhcpRequest(VM2, 1, offer.yourIp(), offer.serverIp()));
        return await(guest, DhcpMessageType.ACK).yourIp();
    }

    private static void renew(VhostUserFrontendDevice guest, Inet4Address leased) throws IOException {
        guest.sendPacket(DhcpBuilder.rebinding(VM2, 2, leased).frame());
        assertEquals(leased, await(guest, DhcpMessageType.ACK).yourIp());
    }

    private static DhcpResponse await(VhostUserFrontendDevice guest, DhcpMessageType type) throws IOException {
        while (true) {
            Optional<DhcpResponse> response = Packets.parseDhcpResponse(guest.receive(TIMEOUT_MS));
            if (response.isPresent()) {
                assertEquals(type, response.get().msgType());
                return response.get();
            }
        }
    }

    // ---- the process

    private ApplianceProcess start() throws IOException {
        return ApplianceProcess.start(folder, """
                user: %s
                uplink: {tun: vireo0, ipv4: 192.0.2.1, ipv6: "2001:db8:ffff::1"}
                networks:
                  - {name: open, ipv4: 10.0.0.0/24, ipv4-pool: 10.0.0.100-10.0.0.109, ipv6: "2001:db8:1::/48", uplink: true}
                guests:
                  - {name: vm1, network: open, mac: "52:54:00:12:34:01", ipv4: 10.0.0.5, ipv6: "2001:db8:1:5::5"}
                  - {name: vm2, network: open, mac: "52:54:00:12:34:02"}
                """.formatted(USER));
    }
}
