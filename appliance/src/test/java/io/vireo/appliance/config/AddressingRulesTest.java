package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.appliance.config.Example.Rule;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Advertising;
import io.vireo.router.config.Delegation;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Where a network's guests have their addresses from: its pool, its leases, its IPv6. */
class AddressingRulesTest {
    private static final String POOL =
            "; allowed: first and last address of a range within ipv4 without the gateway's, 10.0.0.100-10.0.0.199";
    private static final String LEASE = "; allowed: a whole number of s, m, h or d, 10s to 366d";
    private static final String PREFIX = "; allowed: a unicast prefix without host bits, such as 2001:db8:1::/48; "
            + "length 16 to 63 with slaac, to 112 with dhcpv6";
    private static final String ADDRESSING = "; allowed: slaac or dhcpv6, beside ipv6";
    private static final String DELEGATION = "; allowed: a mapping of the keys prefix, length, beside ipv6";
    private static final String DELEGATED =
            "; allowed: a unicast prefix without host bits, shorter than 64, that does not overlap ipv6";
    private static final String LENGTH = "; allowed: an integer, longer than the prefix, at most 64";
    private static final String RA = "; allowed: a mapping of the keys lifetime, interval, beside ipv6";
    private static final String LIFETIME = "; allowed: 0s, or a whole number of s, m or h, at most 9000s";
    private static final String INTERVAL = "; allowed: a whole number of s or m, at most 1800s and the lifetime";
    private static final String IPV6 = "ipv6: 2001:db8:1::/48\n    ";

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource({"pools", "leases", "prefixes", "kindsOfIpv6", "delegations", "advertising", "mtus"})
    void refuses(Rule rule) throws IOException {
        rule.requireRefused(folder);
    }

    static Stream<Rule> pools() {
        return Stream.of(
                pool("10.0.0.100", "\"10.0.0.100\" is not a range of addresses: expected a.b.c.d-e.f.g.h"),
                pool("10.0.0.9 - 10.0.0.10", "\"10.0.0.9 \" is not an IPv4 address: expected a.b.c.d"),
                pool("10.0.0.9-10.0.0.8", "range 10.0.0.9-10.0.0.8 ends before it begins"),
                pool("10.0.0.9-10.0.1.9", "10.0.1.9 is outside network default, 10.0.0.0/24"),
                pool("10.0.0.1-10.0.0.9", "10.0.0.1 is the gateway's address"),
                pool("10.0.0.0-10.0.0.9", "10.0.0.0 is the address of network 10.0.0.0/24 itself"),
                pool("10.0.0.9-10.0.0.255", "10.0.0.255 is the broadcast address of network 10.0.0.0/24"),
                pool("[10.0.0.9]", "is a list"),
                new Rule(
                        "addressing: subnet",
                        "addressing: routed\n    ipv4-pool: 10.0.0.0-10.0.0.9",
                        "FILE:9: networks[0].ipv4-pool: pool 10.0.0.0-10.0.0.9 contains the gateway's address 10.0.0.1"
                                + POOL));
    }

    private static Rule pool(String range, String problem) {
        return rule("ipv4-pool: " + range, 8, "ipv4-pool: " + problem + POOL);
    }

    /** @param is instead of the kind of addressing, which is on line 8 */
    private static Rule rule(String is, int line, String problem) {
        return new Rule("addressing: subnet", is, "FILE:" + line + ": networks[0]." + problem);
    }

    static Stream<Rule> leases() {
        return Stream.of(
                lease("9s", "lease of 9 s is not within 10 to 31622400"),
                lease("367d", "lease of 31708800 s is not within 10 to 31622400"),
                lease("999999999d", "lease of 2147483647 s is not within 10 to 31622400"),
                lease("1500ms", "1500ms is not a whole number of seconds"),
                lease("1 h", "1 h is not a duration"),
                lease("forever", "forever is not a duration"),
                lease("3600", "is the integer 3600, not text (write it in quotes)"));
    }

    private static Rule lease(String lease, String problem) {
        return rule("lease: " + lease, 8, "lease: " + problem + LEASE);
    }

    static Stream<Rule> prefixes() {
        return Stream.of(
                prefix(
                        "2001:db8:1::1/48",
                        "2001:db8:1::1/48 has bits set beyond its prefix length: did you mean 2001:db8:1::/48?"),
                prefix("2000::/15", "prefix length 15 is not within 16 to 63"),
                prefix("2001:db8::/64", "prefix length 64 is not within 16 to 63"),
                prefix("2001:db8::/113\n    ipv6-addressing: dhcpv6", "prefix length 113 is not within 16 to 112"),
                prefix("fe80::/48", "fe80::/48 is not a prefix for unicast addresses"),
                prefix("ff00::/16", "ff00::/16 is not a prefix for unicast addresses"),
                prefix("\"::/48\"", "::/48 is not a prefix for unicast addresses"),
                prefix(
                        "\"2001:db8::\"",
                        "\"2001:db8::\" is not an IPv6 prefix: expected address/n with n from 0 to 128"),
                prefix("[]", "is a list"));
    }

    private static Rule prefix(String prefix, String problem) {
        return rule("ipv6: " + prefix, 8, "ipv6: " + problem + PREFIX);
    }

    static Stream<Rule> kindsOfIpv6() {
        return Stream.of(
                rule(IPV6 + "ipv6-addressing: static", 9, "ipv6-addressing: unknown: static" + ADDRESSING),
                rule(IPV6 + "ipv6-addressing:", 9, "ipv6-addressing: is empty" + ADDRESSING),
                rule("ipv6-addressing: slaac", 8, "ipv6-addressing: is there without ipv6" + ADDRESSING));
    }

    static Stream<Rule> delegations() {
        return Stream.of(
                rule(
                        "delegation: {prefix: 2001:db8:8000::/36, length: 56}",
                        8,
                        "delegation: is there without ipv6" + DELEGATION),
                rule(IPV6 + "delegation: {length: 56}", 9, "delegation.prefix: is missing" + DELEGATED),
                rule(IPV6 + "delegation: {prefix: 2001:db8:8000::/36}", 9, "delegation.length: is missing" + LENGTH),
                delegation("2001:db8:8000::/36, length: 36", "length: " + length(36, 37)),
                delegation("2001:db8:8000::/36, length: 65", "length: 65 is not within 1 to 64" + LENGTH),
                delegation("2001:db8:8000::/36, length: \"56\"", "length: is the text \"56\"" + LENGTH),
                delegation(
                        "2001:db8:8000::/64, length: 64",
                        "prefix: 2001:db8:8000::/64 is too long to delegate prefixes of" + DELEGATED),
                delegation(
                        "fe80::/36, length: 56", "prefix: fe80::/36 is not a prefix for unicast addresses" + DELEGATED),
                delegation("2001:db8:1:8000::/49, length: 56", overlap("2001:db8:1:8000::/49")),
                delegation("2001:db8::/32, length: 56", overlap("2001:db8::/32")));
    }

    private static Rule delegation(String delegation, String problem) {
        return rule(IPV6 + "delegation: {prefix: " + delegation + "}", 9, "delegation." + problem);
    }

    private static String length(int length, int least) {
        return "length " + length + " of delegated prefixes is not within " + least + " to 64" + LENGTH;
    }

    private static String overlap(String prefix) {
        return "prefix: delegated prefixes " + prefix + " overlap the network's 2001:db8:1::/48" + DELEGATED;
    }

    static Stream<Rule> advertising() {
        return Stream.of(
                rule("ra: {}", 8, "ra: is there without ipv6" + RA),
                rule(IPV6 + "ra: {period: 1s}", 9, "ra.period: unknown key; allowed: lifetime, interval"),
                rule(IPV6 + "ra: 30m", 9, "ra: is the text \"30m\"; allowed: a mapping of the keys lifetime, interval"),
                advertising(
                        "lifetime: 9001s", "lifetime: router lifetime of 9001 s is not within 0 to 9000" + LIFETIME),
                advertising("lifetime: 1500ms", "lifetime: 1500ms is not a whole number of seconds" + LIFETIME),
                advertising(
                        "interval: 0s", "interval: advertisement interval of 0 s is not within 1 to 1800" + INTERVAL),
                advertising(
                        "interval: 31m",
                        "interval: advertisement interval of 1860 s is not within 1 to 1800" + INTERVAL),
                advertising(
                        "lifetime: 10s, interval: 11s",
                        "interval: advertisement interval of 11 s is longer than the lifetime of 10 s" + INTERVAL));
    }

    private static Rule advertising(String ra, String problem) {
        return rule(IPV6 + "ra: {" + ra + "}", 9, "ra." + problem);
    }

    static Stream<Rule> mtus() {
        return Stream.of(new Rule(
                "mtu: 1500",
                IPV6 + "mtu: 1279",
                "FILE:11: networks[0].mtu: 1279 is not within 1280 to 65535; "
                        + "allowed: an integer, 576 (beside IPv6 1280) to 65535"));
    }

    @Test
    void noGuestIsGivenTheGatewaysLinkLocalAddress() throws IOException {
        String text = Example.with("ipv4: 10.0.0.0/24", "ipv4: 169.0.0.0/8\n    ipv4-pool: 169.253.0.0-169.254.0.9");

        assertEquals(
                "FILE:8: networks[0].ipv4-pool: "
                        + "pool 169.253.0.0-169.254.0.9 contains the gateway's address 169.254.0.1" + POOL,
                Example.problems(Example.replace(text, "ipv4: 10.0.0.5", "ipv4: 169.0.0.5"), folder));
    }

    @Test
    void readsAPoolAndForHowLongItLeases() throws Exception {
        NetworkConfig network = network("ipv4-pool: 10.0.0.100-10.0.0.199\n    lease: 12h");

        assertEquals(Optional.of(Ipv4Range.parse("10.0.0.100-10.0.0.199")), network.pool());
        assertEquals(12 * 3600, network.leaseSeconds());
    }

    @ParameterizedTest
    @CsvSource({"10s, 10", "2m, 120", "1h, 3600", "366d, 31622400"})
    void leasesFromTenSecondsToAYear(String text, int seconds) throws Exception {
        assertEquals(seconds, network("lease: " + text).leaseSeconds());
    }

    @Test
    void aNetworkHasNeitherPoolNorIpv6UnlessItIsSaid() throws Exception {
        NetworkConfig network = network("# nothing");

        assertEquals(Optional.empty(), network.pool());
        assertEquals(Optional.empty(), network.ipv6());
        assertEquals(86_400, network.leaseSeconds());
    }

    @Test
    void readsEveryKeyOfIpv6() throws Exception {
        Ipv6Network expected = new Ipv6Network(
                Ipv6Prefix.parse("2001:db8:1::/64"),
                Ipv6Addressing.DHCPV6,
                Optional.of(new Delegation(Ipv6Prefix.parse("2001:db8:8000::/36"), 56)),
                new Advertising(3600, 300));

        assertEquals(Optional.of(expected), network("""
                ipv6: 2001:db8:1::/64
                    ipv6-addressing: dhcpv6
                    delegation: {prefix: 2001:db8:8000::/36, length: 56}
                    ra: {lifetime: 1h, interval: 5m}""").ipv6());
    }

    @Test
    void ipv6IsSlaacWithoutDelegationUnlessItIsSaid() throws Exception {
        Ipv6Network expected = new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), Ipv6Addressing.SLAAC);

        assertEquals(Optional.of(expected), network("ipv6: 2001:db8:1::/48").ipv6());
        assertEquals(Optional.of(expected), network(IPV6 + "ra: {}").ipv6());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ra: {lifetime: 0s}|0|600",
                "ra: {lifetime: 9m}|540|180",
                "ra: {lifetime: 1s}|1|1",
                "ra: {interval: 10s}|1800|10",
                "ra: {lifetime: 0s, interval: 30m}|0|1800",
                "ra: {lifetime: 30s, interval: 30s}|30|30"
            })
    void advertisesThriceInALifetimeUnlessItIsSaid(String ra, int lifetime, int interval) throws Exception {
        assertEquals(
                new Advertising(lifetime, interval),
                network(IPV6 + ra).ipv6().orElseThrow().advertising());
    }

    /** @param is instead of the kind of addressing */
    private NetworkConfig network(String is) throws Exception {
        return Example.read(Example.with("addressing: subnet", is), folder)
                .router()
                .networks()
                .getFirst();
    }
}
