package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Host;
import io.vireo.harness.guests.NamespaceGuest;
import io.vireo.router.dataplane.Counter;
import io.vireo.router.dataplane.UplinkCounter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests and the host, which is a network namespace, reach each other over a TUN device. Takes root. */
@Timeout(60)
class UplinkIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int BYTES = 2_000_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theHostAndAGuestTalkTcpInBothDirectionsOverBothVersions(int reactors) throws Exception {
        OwnNamespace.run(() -> {
            try (UplinkNetwork network = UplinkNetwork.start(reactors);
                    EchoService host = EchoService.start();
                    NamespaceGuest vm1 = network.boot(1);
                    NamespaceGuest vm3 = network.boot(3)) { // of another reactor, if there is one
                for (NamespaceGuest guest : List.of(vm1, vm3)) {
                    EchoService.exchange(guest, UplinkNetwork.HOST, BYTES);
                    EchoService.exchange(guest, UplinkNetwork.HOST_IPV6, BYTES);
                    EchoService.startIn(guest);
                }
                for (int number : new int[] {1, 3}) {
                    EchoService.exchange(UplinkNetwork.address(number), BYTES);
                    EchoService.exchange(UplinkNetwork.addressIpv6(number), BYTES);
                }
                assertEquals(0, network.counter(UplinkCounter.IN_DROP_MALFORMED));
                assertEquals(0, network.counter(UplinkCounter.IN_DROP_OFFLOAD));
            }
        });
    }

    /** One hop is Vireo, as seen from the guest, and one is Vireo, as seen from the host. */
    @Test
    void theHostAndAGuestPingEachOther() throws Exception {
        OwnNamespace.run(() -> {
            try (UplinkNetwork network = UplinkNetwork.start(1);
                    NamespaceGuest vm1 = network.boot(1)) {
                for (String host : List.of(UplinkNetwork.HOST, UplinkNetwork.HOST_IPV6)) {
                    String output = vm1.run("ping -c 3 -i 0.2 " + host, SOON);
                    assertTrue(output.contains(" ttl=63 "), output);
                }
                for (String guest : List.of(UplinkNetwork.address(1), UplinkNetwork.addressIpv6(1))) {
                    Host.Output output = Host.run(List.of("ping", "-c", "3", "-i", "0.2", guest));
                    assertEquals(0, output.status(), output.text());
                    assertTrue(output.text().contains(" ttl=63 "), output.text());
                }
                assertEquals(0, network.counter(1, Counter.TX_DROP_UPLINK_DOWN));
            }
        });
    }

    @Test
    void whenItEndsDeviceRoutesAndSocketsAreGone() throws Exception {
        OwnNamespace.run(() -> {
            ip("link set lo up");
            try (UplinkNetwork network = UplinkNetwork.start(2)) {
                OwnNamespace.eventually( // a moment after the start, when the addresses have come into force
                        () -> ip("route show").contains("10.0.0.5 dev " + UplinkNetwork.TUN)
                                && ip("-6 route show").contains("2001:db8:1:5::/64 dev " + UplinkNetwork.TUN),
                        "the host's route to the guest");
                assertFalse(ip("route show").contains(UplinkNetwork.address(5)), "a network without uplink");
            }
            assertFalse(ip("link show").contains(UplinkNetwork.TUN));
            assertEquals("", ip("route show"));
            assertFalse(ip("-6 route show").contains("2001:db8"));
        });
    }
}
