package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.appliance.config.Example.Rule;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.VhostConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a network may be. */
class NetworkRulesTest {
    private static final String NAME =
            "; allowed: 1 to 63 of A-Z a-z 0-9 . _ - beginning with a letter or digit, unique";
    private static final String PATTERN = "\" does not match [A-Za-z0-9][A-Za-z0-9._-]{0,62}";
    private static final String PREFIX =
            "; allowed: a unicast prefix without host bits, length 8 to 30, such as 10.0.0.0/24";
    private static final String DNS = "; allowed: a list of at most 16 IPv4 and as many IPv6 addresses";
    private static final String MTU = "; allowed: an integer, 576 (beside IPv6 1280) to 65535";
    private static final String SIXTEEN = String.join(", ", Collections.nCopies(16, "9.9.9.9"));

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource({"keys", "names", "prefixes", "nameServers", "mtus"})
    void refuses(Rule rule) throws IOException {
        rule.requireRefused(folder);
    }

    static Stream<Rule> keys() {
        String addressing = "addressing: subnet";
        return Stream.of(
                new Rule(
                        addressing,
                        "adressing: subnet",
                        "FILE:8: networks[0].adressing: unknown key, did you mean \"addressing\"?; "
                                + "allowed: name, ipv4, addressing, ipv4-pool, lease, ipv6, ipv6-addressing, delegation, ra, dns, "
                                + "domain, search, ntp, boot, dhcp-options, mtu, uplink, routes, peers"),
                new Rule(
                        addressing,
                        "ipv4: 10.0.0.0/24",
                        "FILE:8: networks[0].ipv4: is there already on line 7; allowed: each key once"),
                new Rule(
                        addressing,
                        "addressing: bridged",
                        "FILE:8: networks[0].addressing: unknown: bridged; allowed: subnet or routed"),
                new Rule(
                        addressing,
                        "addressing: SUBNET",
                        "FILE:8: networks[0].addressing: unknown: SUBNET; allowed: subnet or routed"),
                new Rule(
                        addressing,
                        "addressing: [subnet]",
                        "FILE:8: networks[0].addressing: is a list; allowed: subnet or routed"),
                new Rule("ipv4: 10.0.0.0/24", "", "FILE:6: networks[0].ipv4: is missing" + PREFIX));
    }

    /** Each is one network more, so that the guest still has its own. */
    static Stream<Rule> names() {
        return Stream.of(
                name("default", "default is there already, on line 6; allowed: each once"),
                name("\"\"", "network name \"" + PATTERN + NAME),
                name("a/b", "network name \"a/b" + PATTERN + NAME),
                name(".a", "network name \".a" + PATTERN + NAME),
                name("\"a\\0\"", "network name \"a?" + PATTERN + NAME),
                name("a".repeat(64), "network name \"" + "a".repeat(64) + PATTERN + NAME),
                name("true", "is the value true of type tag:yaml.org,2002:bool, not text (write it in quotes)" + NAME),
                new Rule(
                        "networks:",
                        "networks:\n  - ipv4: 10.9.0.0/24",
                        "FILE:6: networks[0].name: is missing" + NAME));
    }

    private static Rule name(String name, String problem) {
        return new Rule(
                "mtu: 1500",
                "mtu: 1500\n  - {name: " + name + ", ipv4: 10.9.0.0/24}",
                "FILE:11: networks[1].name: " + problem);
    }

    static Stream<Rule> prefixes() {
        return Stream.of(
                prefix("10.0.0.1/24", "10.0.0.1/24 has bits set beyond its prefix length: did you mean 10.0.0.0/24?"),
                prefix("10.0.0.0/7", "prefix length 7 is not within 8 to 30"),
                prefix("10.0.0.0/31", "prefix length 31 is not within 8 to 30"),
                prefix("0.0.0.0/8", "0.0.0.0/8 is not a unicast prefix"),
                prefix("127.0.0.0/8", "127.0.0.0/8 is not a unicast prefix"),
                prefix("224.0.0.0/24", "224.0.0.0/24 is not a unicast prefix"),
                prefix("255.255.255.0/24", "255.255.255.0/24 is not a unicast prefix"),
                prefix("10.0.0.0", notAPrefix("10.0.0.0")),
                prefix("10.0.0.0/33", notAPrefix("10.0.0.0/33")),
                prefix("10.0.0.0/024", notAPrefix("10.0.0.0/024")),
                prefix("10.0.0/24", "\"10.0.0\" is not an IPv4 address: expected a.b.c.d"),
                prefix("10.0.0.256/24", "\"10.0.0.256\" is not an IPv4 address: expected a.b.c.d"),
                prefix("010.0.0.0/24", "\"010.0.0.0\" is not an IPv4 address: expected a.b.c.d"),
                prefix("fd00::/64", notAPrefix("fd00::/64")));
    }

    private static Rule prefix(String prefix, String problem) {
        return new Rule("ipv4: 10.0.0.0/24", "ipv4: " + prefix, "FILE:7: networks[0].ipv4: " + problem + PREFIX);
    }

    private static String notAPrefix(String text) {
        return "\"" + text + "\" is not an IPv4 prefix: expected a.b.c.d/n with n from 0 to 32";
    }

    static Stream<Rule> nameServers() {
        return Stream.of(
                nameServers("[1.1.1.1, one]", "dns[1]: \"one\" is not an IPv4 address: expected a.b.c.d"),
                nameServers("[1]", "dns[0]: is the integer 1, not text (write it in quotes)"),
                nameServers("1.1.1.1", "dns: is the text \"1.1.1.1\""),
                nameServers("", "dns: is empty"),
                nameServers("[" + SIXTEEN + ", 8.8.8.8]", "dns[16]: is one too many"));
    }

    private static Rule nameServers(String value, String problem) {
        return new Rule("dns: [1.1.1.1, 8.8.8.8]", "dns: " + value, "FILE:9: networks[0]." + problem + DNS);
    }

    static Stream<Rule> mtus() {
        return Stream.of(
                mtu("575", "575 is not within 576 to 65535"),
                mtu("65536", "65536 is not within 576 to 65535"),
                mtu("big", "is the text \"big\""));
    }

    private static Rule mtu(String value, String problem) {
        return new Rule("mtu: 1500", "mtu: " + value, "FILE:10: networks[0].mtu: " + problem + MTU);
    }

    @ParameterizedTest
    @CsvSource({"subnet, SUBNET", "routed, ROUTED"})
    void knowsBothKindsOfAddressing(String text, Addressing addressing) throws Exception {
        assertEquals(
                addressing, network("addressing: subnet", "addressing: " + text).addressing());
    }

    @ParameterizedTest
    @CsvSource({"8, 10.0.0.0/8", "29, 10.0.0.0/29"})
    void takesPrefixesOfALength(int length, String prefix) throws Exception {
        assertEquals(
                length, network("ipv4: 10.0.0.0/24", "ipv4: " + prefix).ipv4().length());
    }

    @ParameterizedTest
    @CsvSource({"576, 576", "65535, 1500"})
    void takesMtusFromAndTo(int mtu, int guestMtu) throws Exception {
        String text = Example.with("mtu: 1500", "mtu: " + mtu);
        VhostConfig guest = Example.read(Example.replace(text, "mtu: 1500", "mtu: " + guestMtu), folder)
                .router()
                .guests()
                .getFirst();

        assertEquals(guestMtu, guest.mtu());
    }

    @Test
    void takesSixteenNameServersOrNone() throws Exception {
        assertEquals(Collections.nCopies(16, Ipv4Address.parse("9.9.9.9")), dns("[" + SIXTEEN + "]"));
        assertEquals(List.of(), dns("[]"));
    }

    @Test
    void prefixesMayOverlap() throws Exception {
        String more = "networks:\n  - {name: Other_1.a-b, ipv4: 10.0.0.0/24}";

        List<NetworkConfig> networks =
                Example.read(Example.with("networks:", more), folder).router().networks();

        assertEquals(
                List.of("Other_1.a-b", "default"),
                networks.stream().map(NetworkConfig::name).toList());
        assertEquals(networks.get(0).ipv4(), networks.get(1).ipv4());
    }

    private NetworkConfig network(String was, String is) throws Exception {
        return Example.read(Example.with(was, is), folder).router().networks().getFirst();
    }

    private List<Ipv4Address> dns(String value) throws Exception {
        return Example.read(Example.with("dns: [1.1.1.1, 8.8.8.8]", "dns: " + value), folder)
                .router()
                .guests()
                .getFirst()
                .information()
                .dns();
    }
}
