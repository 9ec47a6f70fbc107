package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.NamespaceGuest;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.Router;
import io.vireo.router.SocketPolicy;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.IdlePolicy;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.Routing;
import io.vireo.router.config.UplinkConfig;
import io.vireo.router.config.VhostConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guests and the host, which is a network namespace, reach each other over a TUN device. */
class UplinkIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String TUN = "vireo0";

    @TempDir
    private Path folder;

    private RouterConfig config(int reactors) {
        NetworkConfig open = new NetworkConfig("open", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET)
                .withIpv6(new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), Ipv6Addressing.SLAAC))
                .withRouting(new Routing(true, List.of(), List.of()));
        NetworkConfig closed = new NetworkConfig("closed", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET);
        UplinkConfig uplink = UplinkConfig.of(TUN)
                .withIpv4(Ipv4Address.parse("192.0.2.1"))
                .withIpv6(Ipv6Address.parse("2001:db8:ffff::1"));
        return new RouterConfig(
                reactors,
                IdlePolicy.DEFAULT,
                Optional.empty(),
                Optional.of(uplink),
                List.of(open, closed),
                List.of(guest(1, "open"), guest(2, "closed")));
    }

    private VhostConfig guest(int number, String network) {
        return VhostConfig.of(socket(number), MacAddress.parse("52:54:00:12:34:0" + number))
                .withNetwork(network)
                .withIpv4(Ipv4Address.parse("10.0.0.5"));
    }

    private Path socket(int number) {
        return folder.resolve("vm" + number + ".sock");
    }

    private static void configure(NamespaceGuest guest) throws Exception {
        guest.run("""
                ip link set eth0 up
                ip address add 10.0.0.5/24 dev eth0
                ip route add default via 10.0.0.1
                """, SOON);
    }

    private static void awaitIpv6(NamespaceGuest guest) throws Exception {
        OwnNamespace.eventually(
                () -> guest.exec(
                                        "ip -6 route | grep -q default && ip -6 address show dev eth0 scope global"
                                                + " | grep -v tentative | grep -q inet6",
                                        SOON)
                                .exitCode()
                        == 0,
                "the guest's IPv6 address");
    }

    @Test
    void theHostAndAGuestPingEachOther() throws Exception {
        OwnNamespace.run(() -> {
            try (Router router = Router.start(config(1), SocketPolicy.DEFAULT);
                    NamespaceGuest vm1 = NamespaceGuest.boot("vm1", socket(1))) {
                configure(vm1);
                vm1.run("ping -c 3 -i 0.2 192.0.2.1", SOON);
                OwnNamespace.ip("route get 10.0.0.5");
                assertEquals(0, run("ping -c 3 -i 0.2 10.0.0.5"));
                awaitIpv6(vm1);
                vm1.run("ping -c 3 -i 0.2 2001:db8:ffff::1", SOON);
                assertTrue(router.uplinkCounters().containsKey("uplink-0"));
            }
        });
    }

    private static int run(String command) throws Exception {
        return new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor();
    }
}
