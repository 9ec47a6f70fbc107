package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.eventually;
import static io.vireo.harness.OwnNamespace.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.guests.GuestResult;
import io.vireo.harness.guests.Host;
import io.vireo.harness.guests.NamespaceGuest;
import io.vireo.harness.packets.Packets;
import io.vireo.router.dataplane.Counter;
import io.vireo.router.dataplane.UplinkCounter;
import io.vireo.router.host.UplinkKeeper;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the host does to the uplink while it is in use. Takes root. */
@Timeout(60)
class UplinkTroubleIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int BYTES = 200_000;
    private static final int IPV4 = 12 + 14; // after the headers of virtio-net and Ethernet

    @Test
    void whileTheDeviceIsGoneGuestsTalkToEachOtherAndThenItIsBack() throws Exception {
        OwnNamespace.run(() -> {
            try (UplinkNetwork network = UplinkNetwork.start(2);
                    EchoService host = EchoService.start();
                    NamespaceGuest vm1 = network.boot(1);
                    NamespaceGuest vm2 = network.boot(2);
                    CapturedLog log = new CapturedLog(UplinkKeeper.class)) {
                EchoService.startIn(vm1);
                EchoService.exchange(vm1, UplinkNetwork.HOST, BYTES);
                for (int times = 1; times <= 2; times++) {
                    FutureTask<GuestResult> pinging =
                            new FutureTask<>(() -> vm2.exec("ping -c 150 -i 0.01 " + UplinkNetwork.address(1), SOON));
                    Thread thread = Thread.ofPlatform().name("ping").start(pinging);
                    ip("link delete " + UplinkNetwork.TUN);
                    int expected = times;
                    eventually(() -> log.linesWith("in order again").size() == expected, "the uplink");
                    thread.join();
                    assertTrue(
                            pinging.get().output().contains(" 0% packet loss"),
                            pinging.get().output());
                    assertEquals(times, log.linesWith("taken away").size());
                    assertEquals(
                            2 * times,
                            log.linesWith("").size(),
                            () -> log.linesWith("").toString());
                    EchoService.exchange(vm1, UplinkNetwork.HOST, BYTES);
                    EchoService.exchange(vm1, UplinkNetwork.HOST_IPV6, BYTES);
                    EchoService.exchange(UplinkNetwork.address(1), BYTES);
                    EchoService.exchange(UplinkNetwork.addressIpv6(1), BYTES);
                }
            }
        });
    }

    @Test
    void theDeviceIsTakenAwayWhilePacketsPourOut() throws Exception {
        OwnNamespace.run(() -> {
            try (UplinkNetwork network = UplinkNetwork.start(1);
                    VhostUserFrontendDevice vm1 = network.attach(1, 16)) {
                byte[] datagram = network.datagram(1, Packets.ip(UplinkNetwork.HOST), 9, new byte[200]);
                for (int times = 0; times < 2; times++) {
                    long before = network.counter(1, Counter.TX_DROP_UPLINK_DOWN);
                    // It may be back before this thread runs again, so that packets must be on their way all the time.
                    FutureTask<String> deleting = new FutureTask<>(() -> ip("link delete " + UplinkNetwork.TUN));
                    Thread.ofPlatform().name("deleting").start(deleting);
                    eventually(
                            () -> {
                                vm1.sendCopies(datagram, 64);
                                return network.counter(1, Counter.TX_DROP_UPLINK_DOWN) > before;
                            },
                            "its absence");
                    deleting.get();
                    long out = network.counter(UplinkCounter.OUT_PACKETS);
                    eventually(
                            () -> {
                                vm1.sendCopies(datagram, 64);
                                return network.counter(UplinkCounter.OUT_PACKETS) > out;
                            },
                            "its return");
                }
                assertTrue(vm1.waitForTx(5_000));
                assertEquals(0, network.counter(1, Counter.TX_DROP_UPLINK_REFUSED));
            }
        });
    }

    @Test
    void whatTheHostSendsToNobodyIsDropped() throws Exception {
        OwnNamespace.run(() -> {
            ip("link set lo up");
            try (UplinkNetwork network = UplinkNetwork.start(1);
                    VhostUserFrontendDevice vm1 = network.attach(1, 64)) {
                ip("route add 203.0.113.0/24 dev " + UplinkNetwork.TUN);
                ip("-6 route add 2001:db8:aaaa::/48 dev " + UplinkNetwork.TUN);
                ip("route add 169.254.0.0/16 dev " + UplinkNetwork.TUN);
                ip("-6 route add fe80::/64 dev " + UplinkNetwork.TUN);
                dropped(network, UplinkCounter.IN_DROP_NO_ROUTE, "203.0.113.9");
                dropped(network, UplinkCounter.IN_DROP_NO_ROUTE, "2001:db8:aaaa::9");
                dropped(network, UplinkCounter.IN_DROP_NO_ROUTE, "169.254.0.1");
                dropped(network, UplinkCounter.IN_DROP_MULTICAST, "-I vireo0 224.0.0.1");
                dropped(network, UplinkCounter.IN_DROP_MULTICAST, "-b -I vireo0 255.255.255.255");
                dropped(network, UplinkCounter.IN_DROP_MULTICAST, "-I vireo0 ff02::1");
                dropped(network, UplinkCounter.IN_DROP_MULTICAST, "-I vireo0 ff0e::1");
                dropped(network, UplinkCounter.IN_DROP_LINK_LOCAL, "-I vireo0 fe80::1");
                dropped(network, UplinkCounter.IN_DROP_TTL_EXPIRED, "-t 1 " + UplinkNetwork.address(1));
                dropped(network, UplinkCounter.IN_DROP_TTL_EXPIRED, "-t 1 " + UplinkNetwork.addressIpv6(1));
                ping(UplinkNetwork.address(1)); // and nobody answers, but it is there, and the first that is
                byte[] next = vm1.receive(5_000);
                while (Packets.parseRouterAdvertisement(next).isPresent()) { // which come unasked
                    next = vm1.receive(5_000);
                }
                assertEquals(TestGuest.TTL - 1, next[IPV4 + 8], "hops left");
            }
        });
    }

    private static void dropped(UplinkNetwork network, UplinkCounter reason, String ping) throws Exception {
        long before = network.counter(reason);
        ping(ping);
        eventually(() -> network.counter(reason) > before, ping); // and the host itself may have something to say
    }

    /** Once; if anybody answers, it is the host itself. */
    private static void ping(String arguments) throws Exception {
        Host.run(List.of("sh", "-c", "ping -c 1 -W 0.1 " + arguments));
    }
}
