package io.vireo.appliance.config;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.appliance.config.Example.Rule;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.router.config.GuestInformation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a network's guests are told beside their addresses. */
class InformationRulesTest {
    private static final String DNS = "; allowed: a list of at most 16 IPv4 and as many IPv6 addresses";
    private static final String DOMAIN = "; allowed: a domain name";
    private static final String SEARCH =
            "; allowed: a list of at most 8 domain names, which have 256 bytes on the wire";
    private static final String NTP = "; allowed: a list of at most 16 IPv4 and 8 IPv6 addresses";
    private static final String SERVER = "; allowed: a host name or an IPv4 address";
    private static final String FILE = "; allowed: a path or URL of at most 127 ASCII characters";
    private static final String OPTIONS = "; allowed: a mapping of numbers to text, to hexadecimal digits such as "
            + "hex:0a0b, or to a list of IPv4 addresses; not of what the protocol itself needs, and routes with a default "
            + "one among them";
    private static final String LABEL = "a".repeat(63);

    /** 127 bytes on the wire. */
    private static final String HALF = LABEL + "." + "b".repeat(61);

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource({"nameServers", "domains", "searches", "timeServers", "boot", "options", "values"})
    void refuses(Rule rule) throws IOException {
        rule.requireRefused(folder);
    }

    /** Instead of the name servers, which are on line 9. */
    private static Rule rule(String is, String problem) {
        return new Rule("dns: [1.1.1.1, 8.8.8.8]", is, "FILE:9: networks[0]." + problem);
    }

    private static String many(int count, String item) {
        return String.join(", ", Collections.nCopies(count, item));
    }

    static Stream<Rule> nameServers() {
        return Stream.of(
                rule("dns: [2001:db8:1]", "dns[0]: \"2001:db8:1\" is not an IPv6 address, such as 2001:db8::1" + DNS),
                rule("dns: [" + many(17, "2001:db8::1") + "]", "dns[16]: is one too many" + DNS));
    }

    static Stream<Rule> domains() {
        return Stream.of(
                rule("domain: a..b", "domain: \"a..b\" is not a domain name" + DOMAIN),
                rule("domain: ä.example", "domain: \"ä.example\" is not a domain name" + DOMAIN),
                rule("domain: .", "domain: \"\" is not a domain name" + DOMAIN),
                rule("domain: " + LABEL + "a", "domain: \"" + LABEL + "a\" is not a domain name" + DOMAIN),
                rule("domain: [a.example]", "domain: is a list" + DOMAIN));
    }

    static Stream<Rule> searches() {
        return Stream.of(
                rule("search: a.example", "search: is the text \"a.example\"" + SEARCH),
                rule("search: [a.example, -b]", "search[1]: \"-b\" is not a domain name" + SEARCH),
                rule("search: [" + many(9, "a.b") + "]", "search[8]: 9 search domains are more than 8" + SEARCH),
                rule(
                        "search: [" + HALF + ", a, " + HALF + "]",
                        "search[2]: search domains of 257 bytes are longer than 256" + SEARCH));
    }

    static Stream<Rule> timeServers() {
        return Stream.of(
                rule("ntp: [pool.example]", "ntp[0]: \"pool.example\" is not an IPv4 address: expected a.b.c.d" + NTP),
                rule("ntp: [" + many(9, "2001:db8::1") + "]", "ntp[8]: is one too many" + NTP),
                rule("ntp: [" + many(17, "10.0.0.1") + "]", "ntp[16]: is one too many" + NTP));
    }

    static Stream<Rule> boot() {
        String text = " is not 1 to 127 characters of printable ASCII without spaces";
        String long128 = "f".repeat(128);
        return Stream.of(
                rule("boot: pxe", "boot: is the text \"pxe\"; allowed: a mapping of the keys server, file"),
                rule("boot: {name: x}", "boot.name: unknown key; allowed: server, file"),
                rule("boot: {server: a b}", "boot.server: \"a b\"" + text + SERVER),
                rule("boot: {server: \"\"}", "boot.server: \"\"" + text + SERVER),
                rule("boot: {file: " + long128 + "}", "boot.file: \"" + long128 + "\"" + text + FILE),
                rule("boot: {file: ä}", "boot.file: \"ä\"" + text + FILE));
    }

    static Stream<Rule> options() {
        return Stream.of(
                rule("dhcp-options: [43]", "dhcp-options: is a list" + OPTIONS),
                rule("dhcp-options:", "dhcp-options: is empty" + OPTIONS),
                option("x: y", "x: x is not the number of an option"),
                option("-1: y", "-1: -1 is not the number of an option"),
                option("[43]: y", "a list: a list is not the number of an option"),
                option("0: y", "0: DHCP option 0 is not within 1 to 254"),
                option("255: y", "255: DHCP option 255 is not within 1 to 254"),
                option("53: y", "53: DHCP option 53 belongs to the protocol and cannot be configured"),
                option("82: y", "82: DHCP option 82 belongs to the protocol and cannot be configured"),
                rule(
                        "dhcp-options: {43: a, 043: b}",
                        "dhcp-options.043: is there already on line 9; allowed: each option once"));
    }

    private static Rule option(String option, String problem) {
        return rule("dhcp-options: {" + option + "}", "dhcp-options." + problem + OPTIONS);
    }

    static Stream<Rule> values() {
        String routes = " is no list of routes with a default route among them";
        return Stream.of(
                option("43: 1500", "43: is the integer 1500, not text (write it in quotes)"),
                option(
                        "43: true",
                        "43: is the value true of type tag:yaml.org,2002:bool, not text (write it in quotes)"),
                option("43:", "43: is empty"),
                option("43: {a: b}", "43: is a mapping"),
                option("43: ä", "43: ä is not ASCII"),
                option("43: \"\"", "43: is of 0 bytes, not 1 to 255"),
                option("43: \"hex:\"", "43: is of 0 bytes, not 1 to 255"),
                option("43: " + "v".repeat(256), "43: is of 256 bytes, not 1 to 255"),
                option("43: []", "43: is of 0 bytes, not 1 to 255"),
                option("43: \"hex:0\"", "43: hex:0 has something else than pairs of hexadecimal digits"),
                option("43: \"hex:0g\"", "43: hex:0g has something else than pairs of hexadecimal digits"),
                option("43: [10.0.0.1, 10.0.0]", "43: \"10.0.0\" is not an IPv4 address: expected a.b.c.d"),
                option("121: \"hex:180a00010a000001\"", "121: DHCP option 121" + routes),
                option("249: \"hex:00\"", "249: DHCP option 249" + routes));
    }

    @Test
    void readsEveryKey() throws Exception {
        GuestInformation told = told("""
                dns: [2001:db8::53, 1.1.1.1, "2001:db8::54"]
                    domain: example.com.
                    search: [example.com, lab.example.com.]
                    ntp: [10.0.0.9, 2001:db8::123]
                    boot: {server: 10.0.0.2, file: pxe/boot.efi}
                    dhcp-options:
                      43: "hex:0aFF"
                      44: [10.0.0.3, 10.0.0.4]
                      66: text of it
                      121: "hex:000a000001\"""");

        assertEquals(List.of(Ipv4Address.parse("1.1.1.1")), told.dns());
        assertEquals(List.of(Ipv6Address.parse("2001:db8::53"), Ipv6Address.parse("2001:db8::54")), told.dns6());
        assertEquals(Optional.of("example.com"), told.domain());
        assertEquals(List.of("example.com", "lab.example.com"), told.search());
        assertEquals(List.of(Ipv4Address.parse("10.0.0.9")), told.ntp());
        assertEquals(List.of(Ipv6Address.parse("2001:db8::123")), told.ntp6());
        assertEquals(Optional.of("10.0.0.2"), told.bootServer());
        assertEquals(Optional.of("pxe/boot.efi"), told.bootFile());
        assertEquals(Set.of(43, 44, 66, 121), told.options().keySet());
        assertArrayEquals(HexFormat.of().parseHex("0aff"), told.options().get(43));
        assertArrayEquals(
                HexFormat.of().parseHex("0a0000030a000004"), told.options().get(44));
        assertArrayEquals("text of it".getBytes(US_ASCII), told.options().get(66));
        assertArrayEquals(HexFormat.of().parseHex("000a000001"), told.options().get(121));
    }

    @Test
    void nothingIsToldUnlessItIsSaid() throws Exception {
        assertEquals(GuestInformation.NONE, told("# nothing"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"2001:db8::1|16|0", "10.0.0.1|0|16"})
    void takesSixteenNameServersOfEachFamily(String address, int ipv6, int ipv4) throws Exception {
        GuestInformation told = told("dns: [" + many(16, address) + "]");

        assertEquals(ipv4, told.dns().size());
        assertEquals(ipv6, told.dns6().size());
    }

    @Test
    void takesAsMuchAsFits() throws Exception {
        assertEquals(8, told("ntp: [" + many(8, "2001:db8::1") + "]").ntp6().size());
        assertEquals(8, told("search: [" + many(8, "a.b") + "]").search().size());
        assertEquals(
                List.of(HALF, HALF),
                told("search: [" + HALF + ", " + HALF + "]").search());
        assertEquals(
                127,
                told("boot: {file: " + "f".repeat(127) + "}")
                        .bootFile()
                        .orElseThrow()
                        .length());
        String longest = "v".repeat(255);
        assertArrayEquals(
                longest.getBytes(US_ASCII),
                told("dhcp-options: {43: " + longest + "}").options().get(43));
    }

    /** What the guest is told, with something else instead of the name servers. */
    private GuestInformation told(String is) throws Exception {
        return Example.read(Example.with("dns: [1.1.1.1, 8.8.8.8]", is), folder)
                .router()
                .guests()
                .getFirst()
                .information();
    }
}
