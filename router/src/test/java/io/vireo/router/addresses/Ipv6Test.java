package io.vireo.router.addresses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Advertising;
import io.vireo.router.config.Delegation;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.VhostConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Own and delegated prefixes, addresses by DHCPv6, and when the router advertises itself. */
class Ipv6Test {
    private static final int IA_NA = 3;
    private static final int IA_PD = 25;
    private static final Advertising EVERY_MINUTE = new Advertising(180, 60);

    @TempDir
    private Path folder = Path.of("");

    private Service service(String prefix, Ipv6Addressing addressing, UnaryOperator<VhostConfig> b) throws IOException {
        Delegation two = new Delegation(Ipv6Prefix.parse("2001:db8:8000::/55"), 56);
        Ipv6Network ipv6 = new Ipv6Network(Ipv6Prefix.parse(prefix), addressing, Optional.of(two), EVERY_MINUTE);
        return new Service(
                folder,
                new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET)
                        .withIpv6(ipv6)
                        .withLeaseSeconds(60),
                Ipv6Test::a,
                b);
    }

    private static VhostConfig a(VhostConfig config) {
        return config.withIpv4(Ipv4Address.parse("10.0.0.5"));
    }

    private static VhostConfig b(VhostConfig config) {
        return config.withIpv4(Ipv4Address.parse("10.0.0.6"));
    }

    private Service slaac() throws IOException {
        return service("2001:db8::/48", Ipv6Addressing.SLAAC, Ipv6Test::b);
    }

    private Service dhcpv6() throws IOException {
        return service("2001:db8::/64", Ipv6Addressing.DHCPV6, Ipv6Test::b);
    }

    @Test
    void eachGuestHasItsOwnPrefixAndKeepsIt() throws IOException {
        try (Service service = slaac()) {
            Client a = service.client(0);
            Client b = service.client(1);
            Optional<Ipv6Prefix> ofA = a.own;
            Optional<Ipv6Prefix> ofB = b.own;
            assertTrue(ofA.isPresent());
            assertTrue(ofB.isPresent());
            assertNotEquals(ofA, ofB);
            service.pass(1_000_000_000);
            service.restart();
            assertEquals(ofA, a.own);
            assertEquals(ofB, b.own);
        }
    }

    @Test
    void aFixedAddressBringsItsPrefix() throws IOException {
        Ipv6Address address = Ipv6Address.parse("2001:db8:0:1::7");
        try (Service service = service(
                "2001:db8::/48", Ipv6Addressing.SLAAC, config -> b(config).withIpv6(address))) {
            assertEquals(Optional.of(Ipv6Prefix.parse("2001:db8:0:2::/64")), service.client(0).own);
            assertEquals(Optional.of(Ipv6Prefix.parse("2001:db8:0:1::/64")), service.client(1).own);
            service.receive(service.client(1), service.client(1).solicit(IA_NA));
            assertEquals(List.of("2001:db8:0:1::7"), service.client(1).given());
        }
    }

    @Test
    void aGuestWithoutItsPrefixMayComeByOneLater() throws IOException {
        try (Service service = service("2001:db8::/63", Ipv6Addressing.SLAAC, Ipv6Test::b)) {
            Client b = service.client(1);
            assertEquals(Optional.empty(), b.own, "there is but one beside the gateway's");
            assertEquals(1, b.exhausted);
            service.attach(b);
            assertEquals(2, b.exhausted);
            assertEquals(1, b.advertisements());
        }
    }

    @Test
    void aFullDiskDeniesAPrefixAndLeavesWhatTheGuestHas() throws IOException {
        try (Service service = slaac()) {
            Client a = service.client(0);
            assertTrue(a.own.isPresent());
            service.diskFull(true);
            service.receive(a, a.solicit(IA_NA, IA_PD));
            assertEquals(List.of(a.own.orElseThrow().address().toString() + "1", "status 6"), a.given());
            assertEquals(Optional.empty(), a.delegated);
            service.diskFull(false);
            service.receive(a, a.solicit(IA_PD));
            assertEquals(List.of("2001:db8:8000::/56"), a.given());
            assertEquals(Optional.of(Ipv6Prefix.parse("2001:db8:8000::/56")), a.delegated);
        }
    }

    @Test
    void aPrefixIsDelegatedToWhoAsksForOne() throws IOException {
        try (Service service = dhcpv6()) {
            Client a = service.client(0);
            Client b = service.client(1);
            service.receive(a, a.solicit(IA_NA));
            assertEquals(List.of("2001:db8::1000"), a.given());
            assertEquals(Optional.of(Ipv6Prefix.parse("2001:db8::1000/128")), a.own);
            assertEquals(Optional.empty(), a.delegated);
            service.receive(b, b.solicit(IA_PD));
            assertEquals(List.of("2001:db8:8000::/56"), b.given());
            assertEquals(Optional.empty(), b.own, "it asked for no address");
            assertEquals(
                    2,
                    service.leases().stream()
                            .filter(lease -> lease.contains("2001"))
                            .count());
        }
    }

    @Test
    void whatAsksForNothingTakesNothing() throws IOException {
        try (Service service = dhcpv6()) {
            Client a = service.client(0);
            Client b = service.client(1);
            service.receive(a, a.informationRequest());
            assertEquals(List.of(), a.given());
            service.receive(b, b.solicit(IA_NA));
            assertEquals(List.of("2001:db8::1000"), b.given());
            assertEquals(0, a.exhausted);
        }
    }

    @Test
    void leasesOutliveTheProcessAndEndInTime() throws IOException {
        try (Service service = dhcpv6()) {
            Client a = service.client(0);
            service.receive(a, a.solicit(IA_NA, IA_PD));
            Optional<Ipv6Prefix> address = a.own;
            service.restart();
            assertEquals(address, a.own);
            assertTrue(a.delegated.isPresent());
            service.pass(120_000); // valid for twice as long as it is preferred
            service.turn(() -> {});
            assertEquals(Optional.empty(), a.own);
            assertEquals(Optional.empty(), a.delegated);
        }
    }

    @Test
    void theRouterAdvertisesItselfAtOnceThenOftenThenNowAndThen() throws IOException {
        try (Service service = slaac()) {
            Client a = service.client(0);
            service.turn(() -> {});
            assertEquals(0, a.advertisements(), "nobody is there");
            service.attach(a);
            assertEquals(1, a.advertisements());
            Set<Long> intervals = new HashSet<>();
            for (int i = 1; i < 20; i++) {
                long most = i < 3 ? 16_000_000_000L : 60_000_000_000L;
                assertTrue(service.sleepNs > most / 4 * 3 && service.sleepNs <= most, i + ": " + service.sleepNs);
                intervals.add(service.sleepNs);
                service.pass(service.sleepNs / 1_000_000 - 1);
                service.turn(() -> {});
                assertEquals(0, a.advertisements(), "before its time");
                service.sleep();
                assertEquals(1, a.advertisements());
            }
            assertTrue(intervals.size() > 15, "no chance in " + intervals);
            service.detach(a);
            service.pass(600_000);
            service.turn(() -> {});
            assertEquals(0, a.advertisements());
        }
    }

    @Test
    void whoAsksIsToldAtOnceAttachedOrNot() throws IOException {
        try (Service service = slaac()) {
            Client a = service.client(0);
            service.receive(a, a.routerSolicitation());
            assertEquals(1, a.advertisements());
            byte[] forwarded = a.routerSolicitation();
            forwarded[21] = (byte) 254; // the hop limit
            service.receive(a, forwarded);
            assertEquals(0, a.advertisements());
            assertEquals(0, service.client(1).advertisements());
        }
    }
}
