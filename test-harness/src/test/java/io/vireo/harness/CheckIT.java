package io.vireo.harness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./vireo check} in three network namespaces, the guest's, the host's and the world's: what it says is lacking is, and
 * its commands cure it. As the router does not run, an ordinary link stands for the TUN device.
 */
@Timeout(120)
class CheckIT {
    private static final String GUEST = "vireo-it-guest";
    private static final String HOST = "vireo-it-host";
    private static final String WORLD = "vireo-it-world";

    @TempDir
    Path folder;

    private record Output(int exitCode, String text) {}

    private static Output run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Output(process.waitFor(), text);
    }

    private static void must(String line) throws IOException, InterruptedException {
        Output output = run("sh", "-c", line);
        assertEquals(
                0,
                output.exitCode,
                () -> line + ": " + output.text + " (Debian's packages: iproute2, nftables, procps)");
    }

    @BeforeEach
    void makeNamespaces() throws Exception {
        for (String name : List.of(GUEST, HOST, WORLD)) {
            must("ip netns add " + name + " && ip -n " + name + " link set lo up");
        }
        link("vireo0", "10.0.0.1/24", GUEST, "10.0.0.5/24");
        link("uplink", "198.18.0.1/24", WORLD, "198.18.0.2/24");
        must("ip -n " + GUEST + " route add default via 10.0.0.1");
        // The machine's own setting would be inherited.
        must("ip netns exec %s sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0".formatted(HOST));
        must("ip netns exec %s nft add table inet firewall".formatted(HOST));
        must(
                "ip netns exec %s nft 'add chain inet firewall forward { type filter hook forward priority 0; policy drop; }'"
                        .formatted(HOST));
    }

    private static void link(String name, String address, String other, String otherAddress) throws Exception {
        must("ip -n %s link add %s type veth peer name eth0 netns %s".formatted(HOST, name, other));
        must("ip -n %s addr add %s dev %s && ip -n %s link set %s up".formatted(HOST, address, name, HOST, name));
        must("ip -n %s addr add %s dev eth0 && ip -n %s link set eth0 up".formatted(other, otherAddress, other));
    }

    @AfterEach
    void removeNamespaces() throws Exception {
        for (String name : List.of(GUEST, HOST, WORLD)) {
            run("ip", "netns", "delete", name);
        }
    }

    @Test
    void itsCommandsLetGuestsReachTheWorld() throws Exception {
        assertEquals(1, ping(), "without them the world is out of reach");

        List<String> cures = cures();
        assertEquals(4, cures.size(), () -> String.join("\n", cures));
        for (String cure : cures) {
            must("ip netns exec " + HOST + " sh -c " + "'" + cure.replace("'", "'\\''") + "'");
        }

        assertEquals(0, ping(), "with them it is not");
        assertEquals(List.of(), cures());
    }

    private static int ping() throws Exception {
        return run("ip", "netns", "exec", GUEST, "ping", "-c", "1", "-w", "5", "198.18.0.2").exitCode;
    }

    /** What is to be done about forwarding, NAT and the firewall: all else is the machine's matter. */
    private List<String> cures() throws Exception {
        Path config = Files.writeString(folder.resolve("vireo.yaml"), """
                runtime-dir: %s/run
                state-dir: %s/state
                uplink: {tun: vireo0}
                networks: [{name: a, ipv4: 10.0.0.0/24, ipv6: 2001:db8:1::/48, uplink: true}]
                guests: [{name: a1, network: a, mac: "52:54:00:12:34:01", ipv4: 10.0.0.5}]
                """.formatted(folder, folder));
        return CheckCommand.cures(config, List.of("ip", "netns", "exec", HOST));
    }
}
