package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestResult;
import io.vireo.harness.guests.Host;
import io.vireo.harness.guests.NamespaceGuest;
import io.vireo.harness.guests.UserModeLinux;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Guests reach the world behind the host, which forwards and translates as {@code ./vireo check} says, and lets nothing
 * through before that. Takes root.
 *
 * <pre>
 *   guests -- vireo0, host, veth: 198.18.0.1, 2001:db8:5::1 -- world: 198.18.0.2, 2001:db8:5::2
 * </pre>
 */
@Timeout(120)
class UplinkWorldIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String WORLD = "198.18.0.2";
    private static final String WORLD_IPV6 = "2001:db8:5::2";
    private static final int BYTES = 2_000_000;
    private static final double WANTED_GBIT = 0.2;

    @TempDir
    Path folder;

    private interface Body {
        void run(UplinkNetwork network, NamespaceGuest world) throws Exception;
    }

    private void withWorld(boolean offloads, Body body) throws Exception {
        OwnNamespace.run(() -> {
            ip("link set lo up");
            // The machine's own setting would be inherited.
            must("sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0");
            must("nft add table inet firewall");
            must("nft 'add chain inet firewall forward { type filter hook forward priority 0; policy drop; }'");
            try (UplinkNetwork network = UplinkNetwork.start(1, offloads);
                    NamespaceGuest world = NamespaceGuest.withoutCard("world")) {
                ip("link add veth0 type veth peer name eth0 netns " + world.process());
                ip("address add 198.18.0.1/24 dev veth0");
                ip("address add 2001:db8:5::1/64 dev veth0 nodad");
                ip("link set veth0 up");
                world.run("""
                        ip address add 198.18.0.2/24 dev eth0
                        ip address add 2001:db8:5::2/64 dev eth0 nodad
                        ip link set eth0 up
                        ip -6 route add default via 2001:db8:5::1
                        """, SOON);
                body.run(network, world);
            }
        });
    }

    private static void must(String line) throws Exception {
        Host.Output output = Host.run(List.of("sh", "-c", line));
        assertEquals(
                0,
                output.status(),
                () -> line + ": " + output.text() + " (Debian's packages: iproute2, nftables, procps)");
    }

    private void cure() throws Exception {
        Path config = Files.writeString(folder.resolve("vireo.yaml"), """
                runtime-dir: %s/run
                state-dir: %s/state
                uplink: {tun: vireo0}
                networks:
                  - {name: open, ipv4: 10.0.0.0/24, ipv6: 2001:db8:1::/48, uplink: true}
                  - {name: other, ipv4: 10.0.1.0/24, ipv6: 2001:db8:2::/48, uplink: true}
                guests: [{name: vm1, network: open, mac: "52:54:00:12:34:01", ipv4: 10.0.0.5}]
                """.formatted(folder, folder));
        List<String> cures = CheckCommand.cures(config, List.of());
        assertNotEquals(List.of(), cures);
        for (String cure : cures) {
            must(cure);
        }
        assertEquals(List.of(), CheckCommand.cures(config, List.of()));
    }

    @Test
    void guestsAndTheWorldTalkTcp() throws Exception {
        withWorld(true, (network, world) -> {
            try (NamespaceGuest vm1 = network.boot(1)) {
                GuestResult before = vm1.exec("ping -c 1 -W 1 " + WORLD, SOON);
                assertEquals(1, before.exitCode(), before.output());
                cure();
                EchoService.startIn(world);
                EchoService.startIn(vm1);
                vm1.run("ping -c 1 -w 5 " + WORLD, SOON);
                vm1.run("ping -c 1 -w 5 " + WORLD_IPV6, SOON);
                EchoService.exchange(vm1, WORLD, BYTES);
                EchoService.exchange(vm1, WORLD_IPV6, BYTES);
                EchoService.exchange(world, UplinkNetwork.addressIpv6(1), BYTES);
            }
        });
    }

    @Test
    void streamsToAndFromTheWorld() throws Exception {
        for (boolean offloads : new boolean[] {true, false}) {
            withWorld(offloads, (network, world) -> {
                cure();
                world.run("iperf3 -s -D", SOON);
                try (Guest vm1 = UserModeLinux.boot("vm1", network.socket(1))) {
                    vm1.lease();
                    double out = Traffic.throughput(vm1, WORLD, 2, "");
                    double in = Traffic.throughput(vm1, WORLD, 2, " -R");
                    System.out.println("iperf3 over the uplink and NAT, %s offloads: %.2f Gbit/s out, %.2f in"
                            .formatted(offloads ? "with" : "without", out, in));
                    assertTrue(out > WANTED_GBIT && in > WANTED_GBIT, out + ", " + in + " Gbit/s");
                }
            });
        }
    }
}
