package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.appliance.config.Example.Rule;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.router.config.VhostConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest may be. */
class GuestRulesTest {
    private static final String KEYS =
            "; allowed: name, network, mac, ipv4, ipv6, mtu, queues, offloads, rate, socket, mode, vsock";
    private static final String NAME =
            "; allowed: 1 to 63 of A-Z a-z 0-9 . _ - beginning with a letter or digit, unique, "
                    + "neither uplink nor blackhole";
    private static final String NO_GUEST = " is what a route leads to that leads to no guest";
    private static final String PATTERN = "\" does not match [A-Za-z0-9][A-Za-z0-9._-]{0,62}";
    private static final String NETWORK = "; allowed: the name of one of the networks";
    private static final String MAC =
            "; allowed: a unicast MAC such as \"52:54:00:12:34:01\", unique, not the gateway's";
    private static final String ADDRESS =
            "; allowed: an address of its network, unique there, not the gateway's; without it, one from ipv4-pool";
    private static final String MTU = "; allowed: an integer, 576 (beside IPv6 1280) to the network's mtu";
    private static final String SOCKET =
            "; allowed: a path of at most 107 bytes when absolute, in an existing directory, "
                    + "unique, free or a stale socket";
    private static final String ONCE = "; allowed: each once";

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource({"keys", "macs", "addresses", "mtus", "queues", "offloads", "sockets"})
    void refuses(Rule rule) throws IOException {
        rule.requireRefused(folder);
    }

    static Stream<Rule> keys() {
        String quoted = "\"a\\0\"";
        return Stream.of(
                new Rule(
                        "socket: vm1.sock",
                        "sockets: vm1.sock",
                        "FILE:17: guests[0].sockets: unknown key, did you mean \"socket\"?" + KEYS),
                new Rule(
                        "socket: vm1.sock",
                        "network: default",
                        "FILE:17: guests[0].network: is there already on line 13; allowed: each key once"),
                new Rule(
                        "socket: vm1.sock",
                        "mode: clint",
                        "FILE:17: guests[0].mode: unknown: clint; allowed: server, where the guest's VMM connects, "
                                + "or client, where it listens"),
                guest("name: vm1", "name: -vm1", 12, "name: guest name \"-vm1" + PATTERN + NAME),
                guest("name: vm1", "name: " + quoted, 12, "name: guest name \"a?" + PATTERN + NAME),
                guest("name: vm1", "name: uplink", 12, "name: uplink" + NO_GUEST + NAME),
                guest("name: vm1", "name: blackhole", 12, "name: blackhole" + NO_GUEST + NAME),
                guest("name: vm1", "name: 1", 12, "name: is the integer 1, not text (write it in quotes)" + NAME),
                guest("network: default", "network: dmz", 13, "network: there is no network dmz" + NETWORK),
                guest("network: default", "network: [default]", 13, "network: is a list" + NETWORK),
                guest("network: default", "", 12, "network: is missing" + NETWORK),
                guest("mac: \"52:54:00:12:34:01\"", "", 12, "mac: is missing" + MAC),
                guest("ipv4: 10.0.0.5", "", 12, "ipv4: is missing" + ADDRESS));
    }

    static Stream<Rule> macs() {
        return Stream.of(
                mac("01:00:5e:00:00:01", "01:00:5e:00:00:01 is a multicast address"),
                mac("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff is a multicast address"),
                mac("00:00:00:00:00:00", "00:00:00:00:00:00 is no address: all zeros"),
                mac("02:00:00:00:00:01", "02:00:00:00:00:01 is the gateway's address"),
                mac("52:54:00:12:34", notAMac("52:54:00:12:34")),
                mac("52:54:00:12:34:01:02", notAMac("52:54:00:12:34:01:02")),
                mac("52-54-00-12-34-01", notAMac("52-54-00-12-34-01")),
                mac("52:54:00:12:34:0g", notAMac("52:54:00:12:34:0g")),
                mac("", notAMac("")));
    }

    static Stream<Rule> addresses() {
        return Stream.of(
                address("10.0.1.5", "10.0.1.5 is outside network default, 10.0.0.0/24"),
                address("169.254.0.1", "169.254.0.1 is outside network default, 10.0.0.0/24"),
                address("10.0.0.1", "10.0.0.1 is the gateway's address"),
                address("10.0.0.0", "10.0.0.0 is the address of network 10.0.0.0/24 itself"),
                address("10.0.0.255", "10.0.0.255 is the broadcast address of network 10.0.0.0/24"),
                address("10.0.0.05", "\"10.0.0.05\" is not an IPv4 address: expected a.b.c.d"),
                address("10.0.0.5/24", "\"10.0.0.5/24\" is not an IPv4 address: expected a.b.c.d"),
                address("10.5", "is the value 10.5 of type tag:yaml.org,2002:float, not text (write it in quotes)"));
    }

    static Stream<Rule> mtus() {
        return Stream.of(
                mtu("575", "575 is not within 576 to 1500"),
                mtu("1501", "1501 is not within 576 to 1500"),
                mtu("\"1500\"", "is the text \"1500\""));
    }

    static Stream<Rule> queues() {
        return Stream.of("0", "9")
                .map(value -> guest(
                        "    socket: vm1.sock",
                        "    queues: " + value + "\n    socket: vm1.sock",
                        17,
                        "queues: " + value + " is not within 1 to 8; allowed: an integer, 1 to 8"));
    }

    static Stream<Rule> offloads() {
        return Stream.of("yes", "\"true\"", "1", "[]").map(value -> {
            String seen = Map.of(
                            "yes", "the text \"yes\"",
                            "\"true\"", "the text \"true\"",
                            "1", "the integer 1",
                            "[]", "a list")
                    .get(value);
            return guest(
                    "    socket: vm1.sock",
                    "    offloads: " + value + "\n    socket: vm1.sock",
                    17,
                    "offloads: is " + seen + "; allowed: true or false");
        });
    }

    static Stream<Rule> sockets() {
        String long108 = "/" + "s".repeat(107);
        return Stream.of(
                socket(long108, "socket path " + long108 + " has 108 bytes when absolute, more than 107"),
                socket(
                        "é".repeat(50),
                        "socket path /run/vireo/" + "é".repeat(50) + " has 111 bytes when absolute, more than 107"),
                socket("\"a\\0b\"", "Nul character not allowed: a?b"),
                socket("\"\"", "/run/vireo is a directory"),
                socket("a/..", "/run/vireo is a directory"),
                socket("/", "/ is a directory"),
                socket("[]", "is a list"));
    }

    private static Rule guest(String was, String is, int line, String problem) {
        return new Rule(was, is, "FILE:" + line + ": guests[0]." + problem);
    }

    private static Rule mac(String mac, String problem) {
        return guest("mac: \"52:54:00:12:34:01\"", "mac: \"" + mac + "\"", 14, "mac: " + problem + MAC);
    }

    private static String notAMac(String text) {
        return "\"" + text + "\" is not a MAC address: expected aa:bb:cc:dd:ee:ff";
    }

    private static Rule address(String address, String problem) {
        return guest("ipv4: 10.0.0.5", "ipv4: " + address, 15, "ipv4: " + problem + ADDRESS);
    }

    private static Rule mtu(String mtu, String problem) {
        return guest("mtu: 1500\n    socket: vm1.sock", "mtu: " + mtu, 16, "mtu: " + problem + MTU);
    }

    private static Rule socket(String socket, String problem) {
        return guest("socket: vm1.sock", "socket: " + socket, 17, "socket: " + problem + SOCKET);
    }

    @ParameterizedTest
    @MethodSource
    void refusesASecondOf(Rule rule) throws IOException {
        rule.requireRefused(Example.TEXT + Example.SECOND_GUEST, folder);
    }

    static Stream<Rule> refusesASecondOf() {
        String name = "FILE:18: guests[1].name: ";
        return Stream.of(
                new Rule("- name: vm2", "- name: vm1", name + "vm1 is there already, on line 12" + ONCE),
                new Rule(
                        "mac: \"52:54:00:12:34:02\"",
                        "mac: \"52:54:00:12:34:01\"",
                        "FILE:20: guests[1].mac: 52:54:00:12:34:01 is there already, on line 14" + ONCE),
                new Rule(
                        "ipv4: 10.0.0.6",
                        "ipv4: 10.0.0.5",
                        "FILE:21: guests[1].ipv4: 10.0.0.5 is there already, on line 15" + ONCE),
                new Rule(
                        "socket: vm2.sock",
                        "socket: vm1.sock",
                        "FILE:22: guests[1].socket: /run/vireo/vm1.sock is there already, on line 17" + ONCE),
                new Rule(
                        "socket: vm2.sock",
                        "socket: /run/./vireo/a/../vm1.sock",
                        "FILE:22: guests[1].socket: /run/vireo/vm1.sock is there already, on line 17" + ONCE),
                new Rule(
                        "socket: vm1.sock",
                        "socket: vm2.sock",
                        "FILE:22: guests[1].socket: /run/vireo/vm2.sock is there already, on line 17" + ONCE));
    }

    @Test
    void refusesASocketThatIsAnothersByDefault() throws IOException {
        String text = Example.TEXT + Example.SECOND_GUEST.replace("    socket: vm2.sock\n", "");

        assertEquals(
                "FILE:18: guests[1].name: /run/vireo/vm2.sock is there already, on line 17" + ONCE,
                Example.problems(Example.replace(text, "socket: vm1.sock", "socket: vm2.sock"), folder));
    }

    @Test
    void hexadecimalDigitsOfEitherCaseAreTheSameMac() throws IOException {
        String text = Example.with("mac: \"52:54:00:12:34:01\"", "mac: 52:54:00:12:34:ab")
                + Example.SECOND_GUEST.replace("52:54:00:12:34:02", "52:54:00:12:34:AB");

        assertEquals(
                "FILE:20: guests[1].mac: 52:54:00:12:34:ab is there already, on line 14" + ONCE,
                Example.problems(text, folder));
    }

    @Test
    void twoNetworksMayHaveTheSameAddress() throws Exception {
        String text = Example.with("guests:", "  - {name: other, ipv4: 10.0.0.0/24}\nguests:")
                + Example.SECOND_GUEST.replace("default", "other").replace("10.0.0.6", "10.0.0.5");

        List<VhostConfig> guests = Example.read(text, folder).router().guests();

        assertEquals(guests.get(0).ipv4(), guests.get(1).ipv4());
        assertEquals("other", guests.get(1).network());
    }

    @Test
    void whatIsWrongWithTwoNetworksDoesNotMakeThemOne() throws IOException {
        String text = """
                networks:
                  - {name: a, ipv4: 10.0.0.0/31}
                  - {name: b, ipv4: 10.0.0.0/32}
                guests:
                  - {name: vm1, network: a, mac: "52:54:00:12:34:01", ipv4: 10.0.0.5}
                  - {name: vm2, network: b, mac: "52:54:00:12:34:02", ipv4: 10.0.0.5}
                """;
        String length = " is not within 8 to 30; "
                + "allowed: a unicast prefix without host bits, length 8 to 30, such as 10.0.0.0/24";

        assertEquals(
                "FILE:2: networks[0].ipv4: prefix length 31" + length + "\nFILE:3: networks[1].ipv4: prefix length 32"
                        + length,
                Example.problems(text, folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.0.0.255"})
    void aRoutedNetworkHasNoBroadcastAddress(String address) throws Exception {
        String text = Example.replace(
                Example.with("addressing: subnet", "addressing: routed"), "ipv4: 10.0.0.5", "ipv4: " + address);

        assertEquals(address, guest(text).ipv4().toString());
    }

    @Test
    void theGatewaysLinkLocalAddressIsTakenEvenWhereItIsInside() throws IOException {
        String text = Example.with("ipv4: 10.0.0.0/24", "ipv4: 169.0.0.0/8");

        assertEquals(
                "FILE:15: guests[0].ipv4: 169.254.0.1 is the gateway's address" + ADDRESS,
                Example.problems(Example.replace(text, "ipv4: 10.0.0.5", "ipv4: 169.254.0.1"), folder));
    }

    @Test
    void theGatewaysAddressIsTakenInARoutedNetworkToo() throws IOException {
        String text = Example.with("addressing: subnet", "addressing: routed");

        assertEquals(
                "FILE:15: guests[0].ipv4: 10.0.0.1 is the gateway's address" + ADDRESS,
                Example.problems(Example.replace(text, "ipv4: 10.0.0.5", "ipv4: 10.0.0.1"), folder));
    }

    @Test
    void theNetworksMtuIsTheGuestsMost() throws IOException {
        assertEquals(
                "FILE:16: guests[0].mtu: 1500 is not within 576 to 1499" + MTU,
                Example.problems(Example.with("mtu: 1500", "mtu: 1499"), folder));
    }

    @ParameterizedTest
    @CsvSource({
        "sub/x.sock, /run/vireo/sub/x.sock",
        "/var/lib/x, /var/lib/x",
        "../x.sock, /run/x.sock",
        "my vm.sock, /run/vireo/my vm.sock",
        ".hidden, /run/vireo/.hidden"
    })
    void resolvesSocketsInTheRuntimeDirectory(String socket, Path path) throws Exception {
        VhostConfig guest = guest(Example.with("socket: vm1.sock", "socket: \"" + socket + "\""));

        assertEquals(path, guest.socket().path());
        assertEquals("vm1", guest.name());
    }

    @Test
    void takesASocketPathAsLongAsTheKernelDoes() throws Exception {
        String path = "/" + "s".repeat(106);

        assertEquals(
                Path.of(path),
                guest(Example.with("socket: vm1.sock", "socket: " + path))
                        .socket()
                        .path());
    }

    @Test
    void takesAMacWithoutQuotes() throws Exception {
        assertEquals(
                MacAddress.parse("52:54:00:12:34:07"),
                guest(Example.with("mac: \"52:54:00:12:34:01\"", "mac: 52:54:00:12:34:07"))
                        .mac());
    }

    private VhostConfig guest(String text) throws Exception {
        return Example.read(text, folder).router().guests().getFirst();
    }
}
