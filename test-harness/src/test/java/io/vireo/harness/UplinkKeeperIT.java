package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.eventually;
import static io.vireo.harness.OwnNamespace.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.LinuxException;
import io.vireo.linux.Tun;
import io.vireo.linux.User;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.UplinkConfig;
import io.vireo.router.host.HostRoute;
import io.vireo.router.host.UplinkKeeper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The host's side of the uplink against the real kernel, in a network namespace of its own. */
@Timeout(60)
class UplinkKeeperIT {
    private static final UplinkConfig UPLINK = UplinkConfig.of("vireo0")
            .withIpv4(Ipv4Address.parse("10.255.0.1"))
            .withIpv6(Ipv6Address.parse("2001:db8:ffff::1"))
            .withMtu(9000);

    private static final HostRoute GUEST_IPV4 = HostRoute.toGuest(Ipv4Prefix.parse("10.0.0.5/32"), 1500);
    private static final HostRoute GUEST_IPV6 = HostRoute.toGuest(Ipv6Prefix.parse("2001:db8::5/128"), 1500);
    private static final HostRoute NETWORK_IPV4 = HostRoute.unreachable(Ipv4Prefix.parse("10.0.0.0/24"));
    private static final HostRoute NETWORK_IPV6 = HostRoute.unreachable(Ipv6Prefix.parse("2001:db8::/64"));

    private static final String IPV4 = "10.0.0.5 dev vireo0 proto 86 scope link mtu 1500";
    private static final String IPV6 = "2001:db8::5 dev vireo0 proto 86 metric 1024 mtu 1500";

    private final Set<HostRoute> wanted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger made = new AtomicInteger();
    private volatile List<Tun> queues = List.of();

    @TempDir
    Path folder;

    private void make() throws IOException {
        queues.forEach(Tun::close);
        queues = List.of();
        queues = Tun.open(UPLINK.tun(), 2);
        made.incrementAndGet();
    }

    @AfterEach
    void closeQueues() {
        queues.forEach(Tun::close);
    }

    private interface Body {
        void run(UplinkKeeper keeper) throws Exception;
    }

    private void withKeeper(UplinkKeeper.DeviceMaker maker, Body body) throws Exception {
        wanted.addAll(Set.of(GUEST_IPV4, GUEST_IPV6, NETWORK_IPV4, NETWORK_IPV6));
        OwnNamespace.run(() -> {
            ip("link set lo up");
            try (UplinkKeeper keeper = new UplinkKeeper(UPLINK, maker, () -> Set.copyOf(wanted))) {
                keeper.start();
                body.run(keeper);
            }
        });
    }

    private static String routes() throws Exception {
        return ip("route show") + ip("-6 route show");
    }

    private static void eventuallyAllIsThere() throws Exception {
        eventually(
                () -> routes().contains(IPV4)
                        && routes().contains(IPV6)
                        && ip("address show dev vireo0").contains("inet 10.255.0.1/32")
                        && ip("address show dev vireo0").contains("inet6 2001:db8:ffff::1/128")
                        && ip("link show dev vireo0").contains("UP"),
                "device, addresses and routes");
    }

    @Test
    void whenItHasStartedEverythingIsThere() throws Exception {
        withKeeper(this::make, keeper -> {
            String link = ip("link show dev vireo0");
            assertTrue(link.contains(",UP") && link.contains("mtu 9000"), link);
            String addresses = ip("address show dev vireo0");
            assertTrue(addresses.contains("inet 10.255.0.1/32 "), addresses);
            assertTrue(addresses.contains("inet6 2001:db8:ffff::1/128 "), addresses);
            assertFalse(addresses.contains("fe80") || addresses.contains("tentative"), addresses);
            String routes = routes();
            assertTrue(routes.contains(IPV4) && routes.contains(IPV6), routes);
            assertTrue(routes.contains("unreachable 10.0.0.0/24 proto 86 metric "), routes);
            assertTrue(routes.contains("unreachable 2001:db8::/64 dev lo proto 86 metric "), routes);
        });
    }

    @Test
    void whatHasNoGuestDoesNotLeaveByTheDefaultRoute() throws Exception {
        withKeeper(this::make, keeper -> {
            ip("link add veth0 type veth peer name veth1");
            ip("link set veth0 up");
            ip("route add default dev veth0");
            ip("-6 route add default dev veth0");
            assertTrue(ip("route get 10.0.0.5").contains("dev vireo0"));
            assertTrue(ip("-6 route get 2001:db8::5").contains("dev vireo0"));
            assertUnreachable("10.0.0.6");
            assertUnreachable("2001:db8::6");
            ip("link delete vireo0"); // it comes back, but at any moment:
            assertUnreachable("10.0.0.6");
            assertUnreachable("2001:db8::6");
        });
    }

    private static void assertUnreachable(String address) throws Exception {
        String answer = ip("route get " + address + " 2>&1 || true");
        assertTrue(answer.contains("No route to host") || answer.startsWith("unreachable"), answer);
    }

    @Test
    void routesComeAndGoWithWhatIsWanted() throws Exception {
        withKeeper(this::make, keeper -> {
            wanted.remove(GUEST_IPV4);
            wanted.add(HostRoute.toGuest(Ipv6Prefix.parse("2001:db8:7::/64"), 9000));
            keeper.changed();
            eventually(() -> !routes().contains("10.0.0.5"), "the route is gone");
            eventually(() -> routes().contains("2001:db8:7::/64 dev vireo0 proto 86 metric 1024 pref"), "another one");
        });
    }

    @Test
    void whatSomebodyUndoesIsDoneAgain() throws Exception {
        withKeeper(this::make, keeper -> {
            ip("route del 10.0.0.5");
            ip("-6 route del 2001:db8::5");
            eventuallyAllIsThere();
            ip("address flush dev vireo0");
            eventuallyAllIsThere();
            ip("link set vireo0 down"); // which takes routes and IPv6 addresses along
            eventuallyAllIsThere();
            ip("link set vireo0 mtu 1280");
            eventually(() -> ip("link show dev vireo0").contains("mtu 9000"), "the MTU");
            assertEquals(1, made.get());
        });
    }

    @Test
    void aRouteOfSomebodyElseIsLeftUntilItIsGone() throws Exception {
        withKeeper(this::make, keeper -> {
            ip("route replace 10.0.0.5/32 dev lo");
            ip("route add 10.0.0.7/32 dev lo");
            wanted.add(HostRoute.toGuest(Ipv4Prefix.parse("10.0.0.7/32"), 1500));
            wanted.add(HostRoute.toGuest(Ipv4Prefix.parse("10.0.0.8/32"), 1500));
            keeper.changed();
            eventually(() -> routes().contains("10.0.0.8 dev vireo0"), "the next one is added all the same");
            assertTrue(routes().contains("10.0.0.5 dev lo") && routes().contains("10.0.0.7 dev lo"), routes());
            ip("route del 10.0.0.5/32 dev lo");
            ip("route del 10.0.0.7/32 dev lo");
            eventually(() -> routes().contains(IPV4) && routes().contains("10.0.0.7 dev vireo0"), "its own");
        });
    }

    @Test
    void aDeviceThatIsTakenAwayComesBack() throws Exception {
        withKeeper(this::make, keeper -> {
            for (int times = 1; times <= 3; times++) {
                ip("link delete vireo0");
                int expected = times + 1;
                eventually(() -> made.get() == expected, "it is made again");
                eventuallyAllIsThere();
            }
        });
    }

    /** By then what the keeper is at fails, before it hears why. */
    @Test
    void aDeviceThatIsTakenAwayUnderTheKeepersHandsIsReportedOnce() throws Exception {
        wanted.addAll(Set.of(GUEST_IPV4, GUEST_IPV6, NETWORK_IPV4, NETWORK_IPV6));
        AtomicBoolean armed = new AtomicBoolean();
        OwnNamespace.run(() -> {
            ip("link set lo up");
            try (CapturedLog log = new CapturedLog(UplinkKeeper.class);
                    UplinkKeeper keeper = new UplinkKeeper(UPLINK, this::make, () -> {
                        if (armed.getAndSet(false)) {
                            deleteDevice();
                        }
                        return Set.copyOf(wanted);
                    })) {
                keeper.start();
                wanted.add(HostRoute.toGuest(Ipv4Prefix.parse("10.0.0.7/32"), 1500));
                armed.set(true);
                keeper.changed();
                eventually(() -> log.linesWith("in order again").size() == 1, "the device");
                eventuallyAllIsThere();
                assertEquals(2, made.get());
                assertEquals(
                        2, log.linesWith("").size(), () -> log.linesWith("").toString());
            }
        });
    }

    private static void deleteDevice() {
        try {
            ip("link delete vireo0");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aDeviceThatIsMovedAwayIsReplaced() throws Exception {
        withKeeper(this::make, keeper -> {
            Process elsewhere = new ProcessBuilder("unshare", "--net", "sleep", "60").start();
            try {
                Path namespace = Path.of("/proc/" + elsewhere.pid() + "/ns/net");
                String own = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"))
                        .toString();
                eventually(() -> !Files.readSymbolicLink(namespace).toString().equals(own), "its namespace");
                ip("link set vireo0 netns " + elsewhere.pid());
                eventually(() -> made.get() == 2, "it is made again");
                eventuallyAllIsThere();
            } finally {
                elsewhere.destroyForcibly().waitFor();
            }
        });
    }

    @Test
    void aDeviceThatIsStillThereIsNotMadeAgain() throws Exception {
        withKeeper(this::make, keeper -> {
            keeper.lost();
            wanted.remove(GUEST_IPV4);
            keeper.changed();
            eventually(() -> !routes().contains("10.0.0.5"), "the route is gone");
            assertEquals(1, made.get());
        });
    }

    @Test
    void aDeviceOfWhichAQueueHasFailedIsMadeAgain() throws Exception {
        AtomicBoolean whole = new AtomicBoolean(true);
        UplinkKeeper.DeviceMaker maker = new UplinkKeeper.DeviceMaker() {
            @Override
            public void make() throws IOException {
                UplinkKeeperIT.this.make();
                whole.set(true);
            }

            @Override
            public boolean isWhole() {
                return whole.get();
            }
        };
        withKeeper(maker, keeper -> {
            whole.set(false);
            keeper.lost();
            eventually(() -> made.get() == 2, "it is made again");
            keeper.lost(); // of a queue that was replaced
            eventuallyAllIsThere();
            assertEquals(2, made.get());
        });
    }

    @Test
    void aStartThatFailsLeavesNoRoutes() throws Exception {
        for (int i = 0; i < 64; i++) {
            wanted.add(HostRoute.unreachable(Ipv4Prefix.parse("10.0." + i + ".0/24")));
        }
        wanted.add(GUEST_IPV6);
        OwnNamespace.run(() -> {
            ip("link set lo up");
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6"), "1");
            UplinkConfig uplink = UplinkConfig.of("vireo0").withIpv4(Ipv4Address.parse("10.255.0.1"));
            try (UplinkKeeper keeper = new UplinkKeeper(uplink, this::make, () -> Set.copyOf(wanted))) {
                assertThrows(IOException.class, keeper::start);
                assertEquals("", ip("route show proto 86"));
            }
        });
    }

    @Test
    void aDeviceThatCannotBeMadeYetIsTriedAgain() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        UplinkKeeper.DeviceMaker reluctant = () -> {
            int attempt = attempts.incrementAndGet();
            if (attempt > 1 && attempt < 4) {
                throw new LinuxException("open of /dev/net/tun", 13);
            }
            make();
        };
        withKeeper(reluctant, keeper -> {
            ip("link delete vireo0");
            eventuallyAllIsThere();
            assertEquals(4, attempts.get());
        });
    }

    @Test
    void whatFailsIsSaidOnceAndTriedUntilItSucceeds() throws Exception {
        withKeeper(this::make, keeper -> {
            try (CapturedLog log = new CapturedLog(UplinkKeeper.class)) {
                Path disabled = Path.of("/proc/sys/net/ipv6/conf/vireo0/disable_ipv6");
                Files.writeString(disabled, "1"); // and the kernel takes IPv6 addresses and routes away
                eventually(() -> log.linesWith("it will be tried again").size() > 0, "the failure");
                wanted.remove(GUEST_IPV4);
                keeper.changed();
                assertEquals(0, log.linesWith("in order again").size());
                Files.writeString(disabled, "0");
                wanted.add(GUEST_IPV4);
                keeper.changed();
                eventually(() -> log.linesWith("in order again").size() > 0, "success");
                eventuallyAllIsThere();
                assertEquals(1, log.linesWith("it will be tried again").size());
            }
        });
    }

    @Test
    void whatIsAnnouncedWhileNobodyListensIsNotMissed() throws Exception {
        Path batch = folder.resolve("batch");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 4000; i++) { // more than the socket's buffer holds
            lines.append("route add 172.16.0.1 dev lo\nroute del 172.16.0.1 dev lo\n");
        }
        Files.writeString(batch, lines + "route del 10.0.0.5\n");
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        wanted.addAll(Set.of(GUEST_IPV4, GUEST_IPV6, NETWORK_IPV4, NETWORK_IPV6));
        OwnNamespace.run(() -> {
            ip("link set lo up");
            try (UplinkKeeper keeper = new UplinkKeeper(UPLINK, this::make, () -> {
                if (asked.incrementAndGet() == 3) {
                    busy.countDown();
                    awaitUninterruptibly(release);
                }
                return Set.copyOf(wanted);
            })) {
                keeper.start();
                while (asked.get() < 3) {
                    keeper.changed();
                    Thread.onSpinWait();
                }
                busy.await();
                ip("-batch " + batch);
                assertFalse(routes().contains("10.0.0.5"));
                release.countDown();
                eventuallyAllIsThere();
            }
        });
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void afterItsEndNoRouteIsLeft() throws Exception {
        wanted.addAll(Set.of(GUEST_IPV4, GUEST_IPV6, NETWORK_IPV4, NETWORK_IPV6));
        OwnNamespace.run(() -> {
            ip("link set lo up");
            UplinkKeeper keeper = new UplinkKeeper(UPLINK, this::make, () -> Set.copyOf(wanted));
            keeper.start();
            assertTrue(routes().contains("proto 86"));
            keeper.close();
            assertFalse(routes().contains("proto 86"), routes());
            keeper.changed(); // whoever does not know yet that it has ended
            keeper.lost();
            keeper.close();
        });
    }

    @Test
    void aStartThatIsNotPossibleSaysWhy() throws Exception {
        OwnNamespace.run(() -> {
            try (UplinkKeeper keeper = new UplinkKeeper(
                    UPLINK,
                    () -> {
                        throw new LinuxException("open of /dev/net/tun", 2);
                    },
                    Set::of)) {
                assertEquals(
                        "open of /dev/net/tun: ENOENT",
                        assertThrows(IOException.class, keeper::start).getMessage());
                User nobody = User.find("nobody").orElseThrow();
                assertThrows(IOException.class, () -> keeper.dropPrivileges(nobody));
            }
        });
    }
}
