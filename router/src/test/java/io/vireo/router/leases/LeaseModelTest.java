package io.vireo.router.leases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random guests, restarts and disks against what guests remember of what they were told. */
class LeaseModelTest {
    private static final int CLIENTS = 14;
    private static final List<Kind> ALL = List.of(Kind.IPV4, Kind.DELEGATED_PREFIX);

    private static final List<Pool> POOLS =
            List.of(Fixtures.pool(100, 9), Pool.delegated(Fixtures.NETWORK, Ipv6Prefix.parse("2001:db8::/53"), 56));

    private static final List<Reservation> FIXED = List.of(
            new Reservation(Fixtures.client(0), Fixtures.ipv4(103)),
            new Reservation(Fixtures.client(1), Fixtures.ipv4(7)),
            new Reservation(Fixtures.client(2), Fixtures.delegated("2001:db8:0:100::/56")));

    @TempDir
    private Path folder = Path.of("");

    private final TestClock clock = new TestClock();
    private final FaultyDisk disk = new FaultyDisk();
    private final Map<Claim, Lease> told = new HashMap<>();
    private final Map<Claim, Lease> untold = new HashMap<>();

    /** Ended since the last commit: after a crash they may be back. */
    private final Map<Claim, Lease> ended = new HashMap<>();

    private Random random = new Random(0);
    private int exhausted;
    private int failed;

    private LeaseBook open() throws IOException {
        return LeaseBook.open(Optional.of(folder.resolve("journal")), POOLS, FIXED, clock, disk);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void nobodyLosesALeaseAndNoTwoHaveTheSame(long seed) throws IOException {
        random = new Random(seed);
        LeaseBook book = open();
        for (int i = 0; i < 4000; i++) {
            step(book);
            if (random.nextInt(40) == 0) {
                book.close(); // as after a crash: nothing is committed
                untold.clear();
                book = open();
                comeBack(book);
            }
            check(book);
        }
        book.close();
        assertTrue(exhausted > 50, exhausted + " times exhausted");
        assertTrue(failed > 50, failed + " commits failed");
    }

    private void step(LeaseBook book) {
        Client client = Fixtures.client(random.nextInt(CLIENTS));
        Kind kind = ALL.get(random.nextInt(ALL.size()));
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4, 5 -> request(book, new Claim(client, kind));
            case 6, 7 -> commit(book);
            case 8 -> release(book, new Claim(client, kind));
            case 9 -> decline(book, new Claim(client, kind));
            default -> pass(book);
        }
    }

    private void request(LeaseBook book, Claim claim) {
        Optional<Resource> resource = book.offer(claim.client(), claim.kind());
        Lease mine = told.get(claim);
        if (mine != null) {
            assertEquals(Optional.of(mine.resource()), resource);
        }
        if (resource.isEmpty()) {
            exhausted++;
        } else if (random.nextInt(4) != 0) {
            assertTrue(book.grant(claim.client(), resource.get(), 1 + random.nextInt(2000)));
            untold.put(claim, book.lease(claim.client(), claim.kind()).orElseThrow());
        }
    }

    private void commit(LeaseBook book) {
        disk.room = random.nextInt(3) == 0 ? random.nextInt(200) : Long.MAX_VALUE;
        disk.forceFails = random.nextInt(10) == 0;
        if (book.commit()) {
            told.putAll(untold);
            ended.clear();
        } else {
            failed++;
        }
        untold.clear();
        disk.room = Long.MAX_VALUE;
        disk.forceFails = false;
    }

    private void release(LeaseBook book, Claim claim) {
        assertEquals(lease(claim), book.release(claim.client(), claim.kind()).orElse(null));
        forget(claim);
    }

    private void decline(LeaseBook book, Claim claim) {
        Lease mine = lease(claim);
        if (mine != null && random.nextInt(4) == 0) {
            boolean declined = book.decline(claim.client(), mine.resource());
            assertTrue(declined);
            forget(claim);
        }
    }

    private @Nullable Lease lease(Claim claim) {
        Lease newest = untold.get(claim);
        return newest == null ? told.get(claim) : newest;
    }

    private void forget(Claim claim) {
        untold.remove(claim);
        Lease gone = told.remove(claim);
        if (gone != null) {
            ended.put(claim, gone);
        }
    }

    private void pass(LeaseBook book) {
        clock.advance(random.nextInt(120));
        for (Lease over : book.expired()) {
            Claim claim = new Claim(over.client(), over.resource().kind());
            assertEquals(lease(claim), over);
            assertTrue(over.expiresAtSeconds() <= clock.seconds());
            Lease before = told.get(claim);
            if (before != null && before.expiresAtSeconds() > clock.seconds()) {
                ended.put(claim, before); // it was made shorter, and that is not committed
            }
            untold.remove(claim);
            told.remove(claim);
        }
    }

    /** What was released and not committed may be back, unless it is somebody's. */
    private void comeBack(LeaseBook book) {
        told.values().removeIf(lease -> lease.expiresAtSeconds() <= clock.seconds());
        for (Lease lease : book.leases()) {
            Claim claim = new Claim(lease.client(), lease.resource().kind());
            if (!told.containsKey(claim)) {
                Lease before = ended.get(claim);
                assertTrue(before != null && before.resource().equals(lease.resource()), lease + " is nobody's");
                told.put(claim, lease);
            }
        }
        ended.clear();
    }

    private void check(LeaseBook book) {
        Map<Resource, Client> holders = new HashMap<>();
        Map<Claim, Lease> expected = new HashMap<>(told);
        expected.putAll(untold);
        List<Lease> leases = new ArrayList<>(book.leases());
        for (Lease lease : leases) {
            assertNull(holders.put(lease.resource(), lease.client()), lease + " is another's as well");
            assertEquals(
                    lease,
                    expected.remove(new Claim(lease.client(), lease.resource().kind())));
        }
        assertEquals(Map.of(), expected, "lost");
        for (Reservation fixed : FIXED) {
            Client holder = holders.get(fixed.resource());
            assertTrue(holder == null || holder.equals(fixed.client()));
        }
        assertFalse(book.nextExpirySeconds() <= clock.seconds() && leases.isEmpty());
    }

    @Test
    void manyClientsOfAHugePoolGetOneEach() throws IOException {
        Pool pool = Pool.delegated(Fixtures.NETWORK, Ipv6Prefix.parse("2001:db8:8000::/36"), 56);
        try (LeaseBook book = LeaseBook.open(Optional.empty(), List.of(pool), List.of(), clock)) {
            Map<Resource, Integer> holders = new HashMap<>();
            for (int i = 0; i < 20_000; i++) {
                Client client = Fixtures.client(i);
                Resource resource = book.offer(client, Kind.DELEGATED_PREFIX).orElseThrow();
                assertTrue(book.grant(client, resource, 3600));
                assertNull(holders.put(resource, i));
            }
            assertTrue(book.commit());
            assertEquals(20_000, book.leases().size());
        }
    }
}
