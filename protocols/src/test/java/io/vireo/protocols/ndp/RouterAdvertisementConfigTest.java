package io.vireo.protocols.ndp;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RouterAdvertisementConfigTest {
    private static RouterAdvertisementConfig lifetimes(int router, int valid, int preferred, int dns) {
        return new RouterAdvertisementConfig(
                router, false, true, prefix(64), true, valid, preferred, 1500, List.of(), List.of(), dns, 64);
    }

    private static RouterAdvertisementConfig link(int prefixLength, boolean autonomous, int mtu, int hopLimit) {
        return new RouterAdvertisementConfig(
                1800,
                false,
                true,
                prefix(prefixLength),
                autonomous,
                86400,
                86400,
                mtu,
                List.of(),
                List.of(),
                600,
                hopLimit);
    }

    private static RouterAdvertisementConfig names(int servers, List<String> search) {
        List<Ipv6Address> dns = Collections.nCopies(servers, Ipv6Address.parse("2001:db8::53"));
        return new RouterAdvertisementConfig(
                1800, false, true, prefix(64), true, 86400, 86400, 1500, dns, search, 600, 64);
    }

    private static Optional<Ipv6Prefix> prefix(int length) {
        return Optional.of(Ipv6Prefix.of(Ipv6Address.parse("2001:db8::"), length));
    }

    private static void assertRefused(String reason, Runnable build) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, build::run);
        assertTrue(String.valueOf(refusal.getMessage()).contains(reason), String.valueOf(refusal.getMessage()));
    }

    @Test
    void refusesLifetimesThatMakeNoSense() {
        assertDoesNotThrow(() -> lifetimes(65535, 1, 1, 0));
        assertRefused("router lifetime of 65536 s", () -> lifetimes(65536, 1, 1, 0));
        assertRefused("router lifetime of -1 s", () -> lifetimes(-1, 1, 1, 0));
        assertRefused("preferred lifetime of 2 s", () -> lifetimes(1800, 1, 2, 0));
        assertRefused("preferred lifetime of -1 s", () -> lifetimes(1800, 1, -1, 0));
        assertRefused("negative", () -> lifetimes(1800, 1, 1, -1));
    }

    @Test
    void refusesWhatGuestsWouldIgnore() {
        assertDoesNotThrow(() -> link(64, true, 0, 0));
        assertDoesNotThrow(() -> link(48, false, 65535, 255));
        assertRefused("has to be a /64", () -> link(48, true, 1500, 64));
        assertRefused("MTU of 1279", () -> link(64, true, 1279, 64));
        assertRefused("MTU of 65536", () -> link(64, true, 65536, 64));
        assertRefused("hop limit of 256", () -> link(64, true, 1500, 256));
        assertRefused("not a domain name", () -> names(1, List.of("a..b")));
    }

    @Test
    void refusesMoreServersAndDomainsThanFit() {
        assertDoesNotThrow(() -> names(73, List.of()));
        assertRefused("74 DNS servers", () -> names(74, List.of()));
        String domain = "a".repeat(60) + ".example.com";
        assertDoesNotThrow(() -> names(0, Collections.nCopies(15, domain)));
        assertRefused("16 search domains", () -> names(0, Collections.nCopies(16, domain)));
    }

    @Test
    void keepsAllButRouterAndServersOfAGatewayThatCeases() {
        RouterAdvertisementConfig ceasing = names(1, List.of("example.com")).ceasing();
        assertEquals(0, ceasing.lifetimeSeconds());
        assertEquals(0, ceasing.dnsSeconds());
        assertEquals(86400, ceasing.validSeconds());
        assertEquals(List.of("example.com"), ceasing.search());
    }
}
