package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.ip;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.guests.GuestResult;
import io.vireo.harness.guests.Host;
import io.vireo.harness.guests.NamespaceGuest;
import io.vireo.harness.packets.Packets;
import io.vireo.router.dataplane.Counter;
import io.vireo.router.dataplane.UplinkCounter;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who reaches whom where the host is near: captured on the uplink's device. Takes root. */
@Timeout(60)
class UplinkIsolationIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final long TIMEOUT_MS = 5_000;
    private static final int PORT = 9999;
    private static final byte[] SECRET = "of a private network".getBytes(US_ASCII);
    private static final byte[] LAST = "that is all".getBytes(US_ASCII);

    /** Documentation's, and nobody's here. */
    private static final Inet4Address UNKNOWN = Packets.ip("203.0.113.9");

    private static final Inet6Address UNKNOWN_IPV6 = Packets.ip6("2001:db8:aaaa::9");

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aPrivateNetworkLetsNothingOut(int reactors) throws Exception {
        OwnNamespace.run(() -> {
            try (UplinkNetwork network = UplinkNetwork.start(reactors);
                    TunCapture capture = TunCapture.open();
                    VhostUserFrontendDevice vm1 = network.attach(1, 16);
                    VhostUserFrontendDevice vm4 = network.attach(4, 16);
                    VhostUserFrontendDevice vm5 = network.attach(5, 16)) {
                sendEverywhere(network, 4, vm4);
                sendEverywhere(network, 5, vm5);
                vm1.sendPacket(network.datagram(1, UNKNOWN, PORT, LAST));
                capture.await(packet -> packet.contains(LAST));
                capture.assertComplete();
                assertFalse(capture.packets().stream().anyMatch(packet -> packet.contains(SECRET)));
                assertTrue(network.counter(4, Counter.TX_DROP_NO_ROUTE) > 0);
                assertEquals(1, network.counter(UplinkCounter.OUT_PACKETS));
            }
        });
    }

    /** To whatever lies outside of its own network, and to all. */
    private static void sendEverywhere(UplinkNetwork network, int number, VhostUserFrontendDevice guest)
            throws Exception {
        for (String to : List.of(
                UplinkNetwork.HOST,
                "203.0.113.9",
                "10.0.1.5",
                "10.0.2.9",
                "127.0.0.1",
                "0.0.0.0",
                "169.254.0.9",
                "10.0.0.255",
                "224.0.0.251",
                "255.255.255.255")) {
            byte[] frame = network.datagram(number, Packets.ip(to), PORT, SECRET);
            guest.sendPacket(frame);
            guest.sendPacket(toAll(frame));
        }
        for (String to : List.of(
                UplinkNetwork.HOST_IPV6,
                "2001:db8:aaaa::9",
                "2001:db8:2:5::5",
                "::1",
                "::",
                "fe80::9",
                "ff02::fb",
                "ff0e::1")) {
            byte[] frame = network.datagram(number, Packets.ip6(to), PORT, SECRET);
            guest.sendPacket(frame);
            guest.sendPacket(toAll(frame));
        }
        assertTrue(guest.waitForTx(TIMEOUT_MS));
    }

    private static byte[] toAll(byte[] frame) {
        byte[] changed = frame.clone();
        Arrays.fill(changed, 12, 12 + 6, (byte) 0xff);
        return changed;
    }

    @Test
    void whatNobodyHereHasGoesToTheHost() throws Exception {
        OwnNamespace.run(() -> {
            try (UplinkNetwork network = UplinkNetwork.start(1);
                    TunCapture capture = TunCapture.open();
                    VhostUserFrontendDevice vm1 = network.attach(1, 16)) {
                vm1.sendPacket(network.datagram(1, UNKNOWN, PORT, SECRET));
                vm1.sendPacket(network.datagram(1, UNKNOWN_IPV6, PORT, LAST));
                capture.await(packet -> packet.contains(LAST));
                byte[] expected = network.datagram(1, UNKNOWN, PORT, SECRET);
                expected[12 + 14 + 8]--; // the hop that this is
                TunCapture.Captured first = capture.packets().stream()
                        .filter(packet -> packet.contains(SECRET))
                        .findFirst()
                        .orElseThrow();
                assertEquals(expected.length - 12 - 14, first.length());
                assertEquals(expected[12 + 14 + 8], first.bytes()[8]);
            }
        });
    }

    /** With forwarding the host would gladly take it there. */
    @Test
    void aGuestOfAnotherNetworkIsNotReachedByWayOfTheHost() throws Exception {
        OwnNamespace.run(() -> {
            Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf/all/forwarding"), "1");
            ip("link set lo up");
            try (UplinkNetwork network = UplinkNetwork.start(2);
                    TunCapture capture = TunCapture.open();
                    NamespaceGuest vm1 = network.boot(1);
                    VhostUserFrontendDevice vm3 = network.attach(3, 64)) {
                for (String other : List.of(UplinkNetwork.address(3), UplinkNetwork.addressIpv6(3))) {
                    GuestResult ping = vm1.exec("ping -c 1 -w 2 -p 7669 " + other, SOON);
                    assertNotEquals(0, ping.exitCode());
                    assertTrue(ping.output().contains("nreachable"), ping.output());
                }
                byte[] pattern = "vivivivivivivi".getBytes(US_ASCII);
                assertFalse(received(vm3, pattern));
                assertFalse(capture.packets().stream().anyMatch(packet -> packet.contains(pattern)));
            }
        });
    }

    @Test
    void theHostCannotSpeakForAGuest() throws Exception {
        OwnNamespace.run(() -> {
            ip("link set lo up");
            ip("address add 10.0.0.99/32 dev lo");
            ip("-6 address add 2001:db8:1:99::99/128 dev lo nodad");
            try (UplinkNetwork network = UplinkNetwork.start(1);
                    VhostUserFrontendDevice vm1 = network.attach(1, 64);
                    VhostUserFrontendDevice vm3 = network.attach(3, 64)) {
                for (int number : new int[] {1, 3}) {
                    ping("10.0.0.99", UplinkNetwork.address(number));
                    ping("2001:db8:1:99::99", UplinkNetwork.addressIpv6(number));
                }
                OwnNamespace.eventually(() -> network.counter(UplinkCounter.IN_DROP_SPOOFED) >= 4, "four are dropped");
                assertEquals(4, network.counter(UplinkCounter.IN_DROP_SPOOFED));
                byte[] pattern = "vivivivivivivi".getBytes(US_ASCII);
                assertFalse(received(vm1, pattern));
                assertFalse(received(vm3, pattern));
            }
        });
    }

    private static void ping(String from, String to) throws Exception {
        Host.Output output = Host.run(List.of("ping", "-c", "1", "-W", "0.2", "-p", "7669", "-I", from, to));
        assertEquals(1, output.status(), output.text()); // no answer
    }

    /** Whether any frame that the guest has been given until now contains the pattern. */
    private static boolean received(VhostUserFrontendDevice guest, byte[] pattern) {
        for (Optional<byte[]> frame = guest.recvPacket(); frame.isPresent(); frame = guest.recvPacket()) {
            if (new TunCapture.Captured(frame.get().length, frame.get()).contains(pattern)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void peersReachEachOtherAndNotByWayOfTheHost() throws Exception {
        OwnNamespace.run(() -> {
            try (UplinkNetwork network = UplinkNetwork.start(2);
                    TunCapture capture = TunCapture.open();
                    NamespaceGuest vm1 = network.boot(1);
                    NamespaceGuest vm5 = network.boot(5);
                    VhostUserFrontendDevice vm2 = network.attach(2, 16)) {
                EchoService.startIn(vm5);
                EchoService.exchange(vm1, UplinkNetwork.address(5), 100_000);
                EchoService.exchange(vm1, UplinkNetwork.addressIpv6(5), 100_000);
                GuestResult host = vm5.exec("ping -c 1 -w 2 " + UplinkNetwork.HOST, SOON);
                assertTrue(host.output().contains("nreachable"), host.output());
                assertEquals(
                        0,
                        network.counter(UplinkCounter.OUT_PACKETS),
                        () -> network.router().countersText());
                vm2.sendPacket(network.datagram(2, UNKNOWN, PORT, LAST));
                capture.await(packet -> packet.contains(LAST));
                assertEquals(
                        1,
                        capture.packets().stream()
                                .filter(packet -> packet.bytes()[0] == 0x45)
                                .count());
            }
        });
    }
}
