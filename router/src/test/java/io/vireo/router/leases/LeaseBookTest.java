package io.vireo.router.leases;

import static io.vireo.router.leases.Fixtures.client;
import static io.vireo.router.leases.Fixtures.ipv4;
import static io.vireo.router.leases.Fixtures.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a book says; in memory. */
class LeaseBookTest {
    private final TestClock clock = new TestClock();

    private LeaseBook book(List<Pool> pools, Reservation... fixed) throws IOException {
        return LeaseBook.open(Optional.empty(), pools, List.of(fixed), clock);
    }

    private static Resource offered(LeaseBook book, int client) {
        return book.offer(client(client), Kind.IPV4).orElseThrow();
    }

    private static Resource leased(LeaseBook book, int client, long seconds) {
        Resource resource = offered(book, client);
        assertTrue(book.grant(client(client), resource, seconds));
        assertTrue(book.commit());
        return resource;
    }

    @Test
    void offersEachClientAnotherAndTheSameAgain() throws IOException {
        LeaseBook book = book(List.of(pool(100, 10)));

        assertEquals(ipv4(100), offered(book, 1));
        assertEquals(ipv4(101), offered(book, 2));
        assertEquals(ipv4(100), offered(book, 1));
        assertEquals(List.of(), book.leases());
    }

    @Test
    void anOfferIsHeldForAMinute() throws IOException {
        LeaseBook book = book(List.of(pool(100, 1)));
        offered(book, 1);

        clock.advance(59);
        assertEquals(Optional.empty(), book.offer(client(2), Kind.IPV4));
        clock.advance(1);
        assertEquals(ipv4(100), offered(book, 2));
        assertFalse(book.grant(client(1), ipv4(100), 3600));
    }

    @Test
    void offersThatLapseUseNothingUp() throws IOException {
        LeaseBook book = book(List.of(pool(100, 100)));
        for (int i = 0; i < 1000; i++) {
            assertEquals(ipv4(100), offered(book, 1));
            clock.advance(61);
        }
    }

    @Test
    void anExhaustedPoolIsAnAnswer() throws IOException {
        LeaseBook book = book(List.of(pool(100, 2)));
        leased(book, 1, 3600);
        leased(book, 2, 3600);

        assertEquals(Optional.empty(), book.offer(client(3), Kind.IPV4));
        assertEquals(Optional.empty(), book.offer(client(3), Kind.IPV6_ADDRESS));
        assertEquals(ipv4(100), offered(book, 1));
    }

    @Test
    void grantsOnlyWhatWasOffered() throws IOException {
        LeaseBook book = book(List.of(pool(100, 10)));
        assertFalse(book.grant(client(1), ipv4(100), 3600));
        leased(book, 1, 3600);
        offered(book, 2);

        assertFalse(book.grant(client(2), ipv4(100), 3600));
        assertFalse(book.grant(client(2), ipv4(105), 3600));
        assertFalse(book.grant(client(1), ipv4(101), 3600));
        assertEquals(1, book.leases().size());
        assertThrows(IllegalArgumentException.class, () -> book.grant(client(1), ipv4(100), 0));
    }

    @Test
    void aLeaseEndsWhenItsTimeIsOverAndNoSooner() throws IOException {
        LeaseBook book = book(List.of(pool(100, 1)));
        clock.advanceMilliseconds(1);
        leased(book, 1, 100);

        assertEquals(clock.seconds() + 101, book.nextExpirySeconds());
        clock.advance(100);
        assertEquals(List.of(), book.expired());
        assertEquals(Optional.empty(), book.offer(client(2), Kind.IPV4));
        clock.advance(1);
        assertEquals(List.of(new Lease(client(1), ipv4(100), clock.seconds())), book.expired());
        assertEquals(Lease.NEVER, book.nextExpirySeconds());
        assertEquals(Optional.empty(), book.lease(client(1), Kind.IPV4));
        assertEquals(ipv4(100), offered(book, 2));
    }

    @Test
    void aLeaseMayLastForEver() throws IOException {
        LeaseBook book = book(List.of(pool(100, 1)));
        leased(book, 1, Lease.NEVER);

        clock.advance(1L << 40);

        assertEquals(List.of(), book.expired());
        assertEquals(Lease.NEVER, book.leases().getFirst().remainingSeconds(clock.seconds()));
    }

    @Test
    void whoComesBackGetsWhatItHad() throws IOException {
        LeaseBook book = book(List.of(pool(100, 10)));
        leased(book, 1, 3600);
        leased(book, 2, 100);
        assertEquals(
                Optional.of(new Lease(client(1), ipv4(100), clock.seconds() + 3600)),
                book.release(client(1), Kind.IPV4));
        clock.advance(200);
        book.expired();

        assertEquals(ipv4(102), offered(book, 3));
        assertEquals(ipv4(101), offered(book, 2));
        assertEquals(ipv4(100), offered(book, 1));
        assertEquals(Optional.empty(), book.release(client(4), Kind.IPV4));
    }

    @Test
    void whatWasGivenBackIsUsedAgainWhenNothingElseIsLeft() throws IOException {
        LeaseBook book = book(List.of(pool(100, 2)));
        leased(book, 1, 3600);
        leased(book, 2, 3600);
        book.release(client(2), Kind.IPV4);
        book.release(client(1), Kind.IPV4);

        assertEquals(ipv4(101), offered(book, 3));
        assertEquals(ipv4(100), offered(book, 4));
        assertEquals(Optional.empty(), book.offer(client(1), Kind.IPV4));
    }

    @Test
    void whatIsFixedIsGivenToNobodyElse() throws IOException {
        LeaseBook book =
                book(List.of(pool(100, 2)), new Reservation(client(1), ipv4(100)), new Reservation(client(2), ipv4(7)));

        assertEquals(ipv4(101), offered(book, 3));
        assertEquals(Optional.empty(), book.offer(client(4), Kind.IPV4));
        assertEquals(ipv4(7), leased(book, 2, 3600));
        assertEquals(ipv4(100), leased(book, 1, 3600));
        book.release(client(1), Kind.IPV4);
        assertEquals(Optional.empty(), book.offer(client(4), Kind.IPV4));
        assertEquals(ipv4(100), offered(book, 1));
    }

    @Test
    void networksAndKindsAreApart() throws IOException {
        LeaseBook book = book(List.of(
                pool("a", 100, 1),
                pool("b", 100, 1),
                Pool.ownPrefixes("a", Ipv6Prefix.parse("2001:db8:1::/48")),
                Pool.delegated("a", Ipv6Prefix.parse("2001:db8:8000::/36"), 56)));

        assertEquals(Optional.of(ipv4(100)), book.offer(client("a", 1), Kind.IPV4));
        assertEquals(Optional.of(ipv4(100)), book.offer(client("b", 1), Kind.IPV4));
        assertEquals(
                "2001:db8:1:1::/64",
                book.offer(client("a", 1), Kind.IPV6_PREFIX).orElseThrow().toString());
        assertEquals(
                "2001:db8:8000::/56",
                book.offer(client("a", 1), Kind.DELEGATED_PREFIX).orElseThrow().toString());
    }

    @Test
    void whatIsDeclinedRests() throws IOException {
        LeaseBook book = book(List.of(pool(100, 8)));
        Resource declined = leased(book, 1, 3600);

        assertFalse(book.decline(client(2), declined));
        assertTrue(book.decline(client(1), declined));
        assertFalse(book.decline(client(1), declined));

        Set<Resource> others = new HashSet<>();
        for (int i = 0; i < 7; i++) {
            others.add(offered(book, 1 + i));
        }
        assertEquals(7, others.size());
        assertFalse(others.contains(declined));
        assertEquals(Optional.empty(), book.offer(client(20), Kind.IPV4));
        clock.advance(Declines.REST_SECONDS);
        assertNotEquals(Optional.empty(), book.offer(client(20), Kind.IPV4));
    }

    @Test
    void whoDeclinesEverythingGetsNothingForAWhile() throws IOException {
        LeaseBook book = book(List.of(pool(100, 100)), new Reservation(client(2), ipv4(7)));
        for (int client = 1; client <= 2; client++) {
            for (int i = 0; i < Declines.PER_CLIENT; i++) {
                assertTrue(book.decline(client(client), offered(book, client)));
            }
            assertEquals(Optional.empty(), book.offer(client(client), Kind.IPV4));
        }
        assertEquals(ipv4(108), offered(book, 3));

        clock.advance(Declines.REST_SECONDS);

        offered(book, 1);
        assertEquals(ipv4(7), offered(book, 2));
    }

    @Test
    void clientsThatDeclineEverythingDoNotEmptyThePool() throws IOException {
        LeaseBook book = book(List.of(pool(100, 16)));
        for (int client = 1; client <= 20; client++) {
            for (int i = 0; i < Declines.PER_CLIENT; i++) {
                assertTrue(book.decline(client(client), offered(book, client)));
            }
        }

        for (int client = 21; client < 21 + 12; client++) {
            offered(book, client);
        }
        assertEquals(Optional.empty(), book.offer(client(50), Kind.IPV4));
    }

    @Test
    void refusesPoolsAndReservationsThatOverlap() {
        Reservation one = new Reservation(client(1), ipv4(7));
        Pool prefixes = Pool.delegated(Fixtures.NETWORK, Ipv6Prefix.parse("2001:db8::/40"), 56);
        refused("two pools of kind ipv4", List.of(pool(1, 2), pool(3, 4)));
        refused(
                "and from 2001:db8:f:1:: overlap",
                List.of(prefixes, Pool.ownPrefixes(Fixtures.NETWORK, Ipv6Prefix.parse("2001:db8:f::/48"))));
        refused("two fixed", List.of(), one, new Reservation(client(1), ipv4(8)));
        refused("overlaps 10.0.0.7", List.of(), one, new Reservation(client(2), ipv4(7)));
        refused(
                "overlaps 2001:db8::/48",
                List.of(),
                new Reservation(client(1), Resource.of(Fixtures.v6("2001:db8:0:5::1"))),
                new Reservation(client(2), Fixtures.delegated("2001:db8::/48")));
        refused(
                "overlaps a pool",
                List.of(prefixes),
                new Reservation(client(1), Resource.own(Ipv6Prefix.parse("2001:db8:f::/64"))));
        refused("overlaps a pool", List.of(prefixes), new Reservation(client(1), Fixtures.delegated("2001::/16")));
    }

    private void refused(String why, List<Pool> pools, Reservation... fixed) {
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> book(pools, fixed))
                .getMessage());
        assertTrue(message.contains(why), message);
    }
}
