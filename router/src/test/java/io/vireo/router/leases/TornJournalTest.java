package io.vireo.router.leases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A journal cut at every byte, and with a flipped bit in every byte. */
class TornJournalTest {
    private static final List<Pool> POOLS = List.of(Fixtures.pool(100, 8));

    /** What the book said when the journal had that length. */
    private record Moment(long length, List<Lease> leases) {}

    @TempDir
    private Path folder = Path.of("");

    private Path journal = Path.of("");
    private final TestClock clock = new TestClock();
    private final FaultyDisk disk = new FaultyDisk();
    private final List<Moment> moments = new ArrayList<>();
    private byte[] bytes = {};

    /** Thousands of damaged journals are as many lines. */
    @BeforeAll
    static void hush() {
        log(Level.OFF);
    }

    @AfterAll
    static void speak() {
        log(Level.DEBUG);
    }

    private static void log(Level level) {
        if (LoggerFactory.getLogger(Journal.class) instanceof Logger logger) {
            logger.setLevel(level);
        }
    }

    @BeforeEach
    void write() throws IOException {
        journal = folder.resolve("leases.journal");
        try (LeaseBook book = open()) {
            moment(book);
            for (int i = 0; i < 9; i++) {
                Client client = Fixtures.client(i % 3);
                clock.advance(1);
                switch (i) {
                    case 3 -> book.release(client, Kind.IPV4);
                    case 7 -> book.lease(client, Kind.IPV4).ifPresent(lease -> book.decline(client, lease.resource()));
                    default -> lease(book, client);
                }
                assertTrue(book.commit());
                moment(book);
            }
        }
        bytes = Files.readAllBytes(journal);
    }

    private LeaseBook open() throws IOException {
        return LeaseBook.open(Optional.of(journal), POOLS, List.of(), clock, disk);
    }

    private void moment(LeaseBook book) throws IOException {
        moments.add(new Moment(Files.size(journal), book.leases()));
    }

    private static Resource lease(LeaseBook book, Client client) {
        Resource resource = book.offer(client, Kind.IPV4).orElseThrow();
        assertTrue(book.grant(client, resource, 3600));
        return resource;
    }

    @Test
    void cutAnywhereItSaysWhatWasCommittedBefore() throws IOException {
        for (int length = 0; length <= bytes.length; length++) {
            Files.write(journal, Arrays.copyOf(bytes, length));
            int cut = length;
            List<Lease> before = moments.stream()
                    .filter(moment -> moment.length <= cut)
                    .reduce((_, last) -> last)
                    .map(Moment::leases)
                    .orElse(List.of());
            try (LeaseBook book = open()) {
                assertEquals(before, book.leases(), "cut at " + cut);
                goOn(book);
            }
        }
    }

    @Test
    void withAFlippedBitItGivesNothingTwice() throws IOException {
        for (int at = 0; at < bytes.length; at++) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= (byte) (1 << at % Byte.SIZE);
            Files.write(journal, flipped);
            try (LeaseBook book = open()) {
                assertTrue(book.leases().size() >= moments.getLast().leases.size() - 1, "flipped at " + at);
                goOn(book);
            }
        }
    }

    /** Everybody new gets what nobody has, up to the last address, and a restart changes nothing. */
    private void goOn(LeaseBook book) throws IOException {
        for (int i = 50; book.offer(Fixtures.client(i), Kind.IPV4).isPresent(); i++) {
            lease(book, Fixtures.client(i));
        }
        assertTrue(book.commit());
        List<Lease> leases = book.leases();
        Set<Resource> resources = new HashSet<>();
        for (Lease lease : leases) {
            assertTrue(resources.add(lease.resource()), lease + " is another's as well");
        }
        book.close();
        try (LeaseBook again = open()) {
            assertEquals(leases, again.leases());
        }
    }
}
