package io.vireo.appliance.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.IdlePolicy;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file as a whole; the rules of its parts have tests of their own. */
class ConfigFileTest {
    private static final String LEAST = """
            networks: [{name: a, ipv4: 10.0.0.0/24}]
            guests: [{name: vm1, network: a, mac: 52:54:00:12:34:01, ipv4: 10.0.0.5}]
            """;

    @TempDir
    Path folder;

    @Test
    void readsEveryKey() throws Exception {
        VhostConfig guest = VhostConfig.of(Path.of("/run/vireo/vm1.sock"), MacAddress.parse("52:54:00:12:34:01"))
                .withName("vm1")
                .withNetwork("default")
                .withIpv4(Ipv4Address.parse("10.0.0.5"))
                .withMtu(1500)
                .withDns(List.of(Ipv4Address.parse("1.1.1.1"), Ipv4Address.parse("8.8.8.8")));
        NetworkConfig network = new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET);
        ApplianceConfig expected = new ApplianceConfig(
                Path.of("/run/vireo"),
                Path.of("/var/lib/vireo"),
                0660,
                OptionalInt.of(FakeHost.KVM),
                Optional.empty(),
                router(network, guest),
                List.of(),
                GuestServices.NONE);

        assertEquals(expected, Example.read(Example.TEXT, folder));
    }

    private static RouterConfig router(NetworkConfig network, VhostConfig guest) {
        Optional<Path> leases = Optional.of(Path.of("/var/lib/vireo/leases.journal"));
        return new RouterConfig(1, IdlePolicy.DEFAULT, leases, Optional.empty(), List.of(network), List.of(guest));
    }

    @Test
    void commentsAndAByteOrderMarkSayNothing() throws Exception {
        String commented = "\uFEFF# what this is\n" + Example.TEXT.replace("\n", "   # why\n");

        assertEquals(Example.read(Example.TEXT, folder), Example.read(commented, folder));
    }

    @Test
    void whatIsNotSaidHasADefault() throws Exception {
        VhostConfig guest = VhostConfig.of(Path.of("/run/vireo/vm1.sock"), MacAddress.parse("52:54:00:12:34:01"))
                .withNetwork("a")
                .withIpv4(Ipv4Address.parse("10.0.0.5"));
        NetworkConfig network = new NetworkConfig("a", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET);
        ApplianceConfig expected = new ApplianceConfig(
                Path.of("/run/vireo"),
                Path.of("/var/lib/vireo"),
                0660,
                OptionalInt.empty(),
                Optional.empty(),
                router(network, guest),
                List.of(),
                GuestServices.NONE);

        assertEquals(expected, Example.read(LEAST, folder));
    }

    @Test
    void guestsTakeTheirNetworksMtuAndNameServers() throws Exception {
        String text = Example.replace(Example.with("mtu: 1500", "mtu: 9000"), "    mtu: 1500", "    # the network's");

        VhostConfig guest = Example.read(text, folder).router().guests().getFirst();

        assertEquals(9000, guest.mtu());
        assertEquals(
                List.of(Ipv4Address.parse("1.1.1.1"), Ipv4Address.parse("8.8.8.8")),
                guest.information().dns());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void guestsHaveOffloadsAsTheyAreTold(boolean offloads) throws Exception {
        String text = Example.with("    socket: vm1.sock", "    offloads: " + offloads);
        assertEquals(
                offloads,
                Example.read(text, folder).router().guests().getFirst().offloads());
    }

    @Test
    void jsonIsYamlToo() throws Exception {
        String json = """
                {"networks": [{"name": "a", "ipv4": "10.0.0.0/24"}],
                 "guests": [{"name": "vm1", "network": "a", "mac": "52:54:00:12:34:01", "ipv4": "10.0.0.5"}]}
                """;

        assertEquals(Example.read(LEAST, folder), Example.read(json, folder));
    }

    @Test
    void tellsEverythingThatIsWrongInTheOrderOfItsLines() throws IOException {
        String text = """
                guests:
                  - name: vm1
                    network: default
                    mac: "53:54:00:12:34:01"
                    ipv4: 10.0.1.5
                    colour: red
                  - network: elsewhere
                    mac: 3
                    ipv4: 10.0.0.5.6
                reactors: many
                networks:
                  - name: default
                    ipv4: 10.0.0.0/24
                    mtu: 9
                """;

        assertEquals("""
                        FILE:4: guests[0].mac: 53:54:00:12:34:01 is a multicast address; \
                        allowed: a unicast MAC such as "52:54:00:12:34:01", unique, not the gateway's
                        FILE:5: guests[0].ipv4: 10.0.1.5 is outside network default, 10.0.0.0/24; \
                        allowed: an address of its network, unique there, not the gateway's; without it, one from ipv4-pool
                        FILE:6: guests[0].colour: unknown key; allowed: name, network, mac, ipv4, ipv6, mtu, queues, offloads, rate, socket, mode, vsock
                        FILE:7: guests[1].name: is missing; allowed: 1 to 63 of A-Z a-z 0-9 . _ - beginning \
                        with a letter or digit, unique, neither uplink nor blackhole
                        FILE:7: guests[1].network: there is no network elsewhere; \
                        allowed: the name of one of the networks
                        FILE:8: guests[1].mac: is the integer 3, not text (write it in quotes); \
                        allowed: a unicast MAC such as "52:54:00:12:34:01", unique, not the gateway's
                        FILE:9: guests[1].ipv4: "10.0.0.5.6" is not an IPv4 address: expected a.b.c.d; \
                        allowed: an address of its network, unique there, not the gateway's; without it, one from ipv4-pool
                        FILE:10: reactors: is the text "many"; allowed: an integer, 1 to 64
                        FILE:14: networks[0].mtu: 9 is not within 576 to 65535; \
                        allowed: an integer, 576 (beside IPv6 1280) to 65535\
                        """, Example.problems(text, folder));
    }

    @Test
    void aBadNameHidesNothingElse() throws IOException {
        String text = Example.with("- name: default", "- name: de fault")
                .replace("10.0.0.0/24", "10.0.0.0/31")
                .replace("name: vm1", "name: .vm1")
                .replace("network: default", "network: de fault")
                .replace("52:54", "53:54");

        assertEquals("""
                        FILE:6: networks[0].name: network name "de fault" does not match \
                        [A-Za-z0-9][A-Za-z0-9._-]{0,62}; \
                        allowed: 1 to 63 of A-Z a-z 0-9 . _ - beginning with a letter or digit, unique
                        FILE:7: networks[0].ipv4: prefix length 31 is not within 8 to 30; \
                        allowed: a unicast prefix without host bits, length 8 to 30, such as 10.0.0.0/24
                        FILE:12: guests[0].name: guest name ".vm1" does not match [A-Za-z0-9][A-Za-z0-9._-]{0,62}; allowed: 1 to 63 of A-Z a-z 0-9 . _ - beginning \
                        with a letter or digit, unique, neither uplink nor blackhole
                        FILE:14: guests[0].mac: 53:54:00:12:34:01 is a multicast address; \
                        allowed: a unicast MAC such as "52:54:00:12:34:01", unique, not the gateway's\
                        """, Example.problems(text, folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {Example.TEXT, Example.ADDRESSES, Example.ROUTING})
    void noFileWhateverIsInItDoesMoreThanBeRefused(String text) throws IOException {
        Random random = new Random(42);
        byte[] example = text.getBytes(UTF_8);
        Path file = folder.resolve("vireo.yaml");
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] mutant = example.clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, mutant);
            try {
                ApplianceConfig.read(file, FakeHost.PLAIN);
            } catch (ConfigException e) {
                refused++;
                assertTrue(e.problems().getFirst().toString().startsWith(file + ":"), e::getMessage);
            }
        }
        assertTrue(refused > 1500 && refused < 3000, refused + " of 3000 were refused");
    }
}
