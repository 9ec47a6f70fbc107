package io.vireo.router.leases;

import static io.vireo.router.leases.Fixtures.client;
import static io.vireo.router.leases.Fixtures.ipv4;
import static io.vireo.router.leases.Fixtures.pool;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What outlives a book. */
class LeaseJournalTest {
    @TempDir
    private Path folder = Path.of("");

    private Path journal = Path.of("");
    private final TestClock clock = new TestClock();
    private final FaultyDisk disk = new FaultyDisk();

    @BeforeEach
    void nameTheJournal() {
        journal = folder.resolve("leases.journal");
    }

    private LeaseBook open(List<Pool> pools, Reservation... fixed) throws IOException {
        return LeaseBook.open(Optional.of(journal), pools, List.of(fixed), clock, disk);
    }

    private LeaseBook open() throws IOException {
        return open(List.of(pool(100, 100)));
    }

    private static Lease lease(LeaseBook book, int client, long seconds) {
        Resource resource = book.offer(client(client), Kind.IPV4).orElseThrow();
        assertTrue(book.grant(client(client), resource, seconds));
        assertTrue(book.commit());
        return book.lease(client(client), Kind.IPV4).orElseThrow();
    }

    @Test
    void leasesOutliveTheBook() throws IOException {
        List<Lease> leases;
        try (LeaseBook book = open()) {
            lease(book, 1, 3600);
            lease(book, 2, Lease.NEVER);
            lease(book, 1, 7200);
            leases = book.leases();
        }
        try (LeaseBook book = open()) {
            assertEquals(leases, book.leases());
            assertEquals(clock.seconds() + 7200, book.nextExpirySeconds());
            assertEquals(Optional.of(ipv4(102)), book.offer(client(3), Kind.IPV4));
        }
    }

    @Test
    void whatWasNotCommittedDoesNot() throws IOException {
        try (LeaseBook book = open()) {
            Resource resource = book.offer(client(1), Kind.IPV4).orElseThrow();
            assertTrue(book.grant(client(1), resource, 3600));
        }
        try (LeaseBook book = open()) {
            assertEquals(List.of(), book.leases());
        }
    }

    @Test
    void aGroupIsOneFsync() throws IOException {
        try (LeaseBook book = open()) {
            int before = disk.forces;
            for (int i = 0; i < 10; i++) {
                Resource resource = book.offer(client(i), Kind.IPV4).orElseThrow();
                assertTrue(book.grant(client(i), resource, 3600));
            }
            assertTrue(book.commit());
            assertTrue(book.commit());
            assertEquals(before + 1, disk.forces);
        }
    }

    @Test
    void anExtensionToTheSameSecondIsNotWritten() throws IOException {
        try (LeaseBook book = open()) {
            lease(book, 1, 3600);
            long size = Files.size(journal);
            lease(book, 1, 3600);
            assertEquals(size, Files.size(journal));
        }
    }

    @Test
    void whoComesBackAfterARestartGetsWhatItHad() throws IOException {
        try (LeaseBook book = open()) {
            lease(book, 1, 100);
            lease(book, 2, 3600);
            book.release(client(2), Kind.IPV4);
            assertTrue(book.commit());
        }
        clock.advance(200);
        try (LeaseBook book = open()) {
            assertEquals(Optional.of(ipv4(102)), book.offer(client(3), Kind.IPV4));
            assertEquals(Optional.of(ipv4(101)), book.offer(client(2), Kind.IPV4));
            assertEquals(Optional.of(ipv4(100)), book.offer(client(1), Kind.IPV4));
        }
    }

    @Test
    void restsOutliveTheBook() throws IOException {
        try (LeaseBook book = open(List.of(pool(100, 8)))) {
            assertTrue(book.decline(client(1), lease(book, 1, 3600).resource()));
            assertTrue(book.commit());
        }
        try (LeaseBook book = open(List.of(pool(100, 8)))) {
            assertEquals(Optional.of(ipv4(101)), book.offer(client(1), Kind.IPV4));
            clock.advance(Declines.REST_SECONDS);
            assertEquals(Optional.of(ipv4(102)), book.offer(client(2), Kind.IPV4));
        }
    }

    @Test
    void whatIsFixedNowIsTakenFromWhoeverHadIt() throws IOException {
        try (LeaseBook book = open()) {
            lease(book, 1, 3600);
            lease(book, 2, 3600);
            lease(book, 3, 3600);
        }
        Reservation[] fixed = {
            new Reservation(client(9), ipv4(100)),
            new Reservation(client(2), ipv4(7)),
            new Reservation(client(3), ipv4(102))
        };
        try (LeaseBook book = open(List.of(pool(100, 100)), fixed)) {
            assertEquals(List.of(new Lease(client(3), ipv4(102), clock.seconds() + 3600)), book.leases());
            assertEquals(Optional.of(ipv4(100)), book.offer(client(9), Kind.IPV4));
            assertEquals(Optional.of(ipv4(7)), book.offer(client(2), Kind.IPV4));
            assertEquals(Optional.of(ipv4(101)), book.offer(client(1), Kind.IPV4));
        }
    }

    @Test
    void leasesOutsideThePoolAreDroppedOnce() throws IOException {
        try (LeaseBook book = open()) {
            lease(book, 1, 3600);
            lease(book, 2, 3600);
        }
        open(List.of(pool(101, 10))).close();
        try (LeaseBook book = open()) {
            assertEquals(List.of(new Lease(client(2), ipv4(101), clock.seconds() + 3600)), book.leases());
        }
    }

    @Test
    void isCompactedAndPrivate() throws IOException {
        try (LeaseBook book = open()) {
            lease(book, 1, 3600);
            lease(book, 2, 3600);
            book.release(client(2), Kind.IPV4);
            assertTrue(book.decline(client(3), lease(book, 3, 3600).resource()));
            lease(book, 3, 3600);
            for (int i = 0; i < 5000; i++) {
                clock.advanceMilliseconds(10);
                clock.advance(i % 2 == 0 ? 1 : 0);
                lease(book, 1, 3600 + i);
            }
            assertTrue(Files.size(journal) < 80_000, "size " + Files.size(journal));
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(journal)));
            assertFalse(Files.exists(folder.resolve("leases.journal.new")));
            List<Lease> leases = book.leases();
            book.close();
            try (LeaseBook again = open()) {
                assertEquals(leases, again.leases());
                assertEquals(Optional.of(ipv4(101)), again.offer(client(2), Kind.IPV4));
            }
        }
    }

    @Test
    void aFullDiskRefusesLeasesAndKeepsThoseThereAre() throws IOException {
        try (LeaseBook book = open()) {
            Lease durable = lease(book, 1, 3600);
            long size = Files.size(journal);
            disk.room = 70; // a record and a half
            clock.advance(10);
            assertTrue(book.grant(client(1), durable.resource(), 3600));
            Resource second = book.offer(client(2), Kind.IPV4).orElseThrow();
            assertTrue(book.grant(client(2), second, 3600));

            assertFalse(book.commit());

            assertEquals(List.of(durable), book.leases());
            assertEquals(size, Files.size(journal));
            assertEquals(3590, durable.remainingSeconds(clock.seconds()));
            assertEquals(Optional.of(second), book.offer(client(2), Kind.IPV4));
            assertFalse(grantAndCommit(book, 2));
            disk.room = Long.MAX_VALUE;
            assertTrue(grantAndCommit(book, 2));
            assertEquals(2, book.leases().size());
        }
        try (LeaseBook book = open()) {
            assertEquals(2, book.leases().size());
        }
    }

    private static boolean grantAndCommit(LeaseBook book, int client) {
        Resource resource = book.offer(client(client), Kind.IPV4).orElseThrow();
        return book.grant(client(client), resource, 3600) && book.commit();
    }

    @Test
    void releasesAndDeclinesStandOnAFullDisk() throws IOException {
        try (LeaseBook book = open()) {
            lease(book, 1, 3600);
            Lease second = lease(book, 2, 3600);
            disk.room = 0;
            book.release(client(1), Kind.IPV4);
            assertTrue(book.decline(client(2), second.resource()));
            Resource third = book.offer(client(3), Kind.IPV4).orElseThrow();
            assertTrue(book.grant(client(3), third, 3600));
            book.release(client(3), Kind.IPV4);

            assertFalse(book.commit());

            assertEquals(List.of(), book.leases());
            assertNotEquals(Optional.of(second.resource()), book.offer(client(2), Kind.IPV4));
        }
    }

    @Test
    void aFixedAddressThatCouldNotBeLeasedStaysFixed() throws IOException {
        try (LeaseBook book = open(List.of(), new Reservation(client(1), ipv4(7)))) {
            disk.room = 0;
            assertFalse(grantAndCommit(book, 1));
            assertEquals(List.of(), book.leases());
            disk.room = Long.MAX_VALUE;
            assertTrue(grantAndCommit(book, 1));
        }
    }

    @Test
    void afterAFailedFsyncEverythingIsWrittenAnew() throws IOException {
        try (LeaseBook book = open()) {
            lease(book, 1, 3600);
            disk.forceFails = true;
            assertFalse(grantAndCommit(book, 2));
            assertFalse(grantAndCommit(book, 2));
            disk.forceFails = false;
            Object before = Files.getAttribute(journal, "unix:ino");
            assertTrue(grantAndCommit(book, 3));
            assertNotEquals(before, Files.getAttribute(journal, "unix:ino"));
            List<Lease> leases = book.leases();
            assertEquals(2, leases.size());
            book.close();
            try (LeaseBook again = open()) {
                assertEquals(leases, again.leases());
            }
        }
    }

    @Test
    void whatCannotBeCutOffIsReplaced() throws IOException {
        try (LeaseBook book = open()) {
            disk.room = 10;
            disk.truncateFails = true;
            assertFalse(grantAndCommit(book, 1));
            disk.room = Long.MAX_VALUE;
            assertTrue(grantAndCommit(book, 2));
            assertTrue(grantAndCommit(book, 3));
        }
        disk.truncateFails = false;
        try (LeaseBook book = open()) {
            assertEquals(2, book.leases().size());
        }
    }

    @Test
    void anInterruptedThreadCommits() throws IOException {
        try (LeaseBook book = LeaseBook.open(Optional.of(journal), List.of(pool(100, 9)), List.of(), clock)) {
            Thread.currentThread().interrupt();
            assertTrue(grantAndCommit(book, 1));
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void aSecondBookSaysThatTheJournalIsInUse() throws IOException {
        try (LeaseBook first = open()) {
            lease(first, 1, 3600);
            Path link = Files.createSymbolicLink(folder.resolve("link"), journal);
            for (Path name : List.of(journal, link)) {
                IOException e = assertThrows(
                        IOException.class,
                        () -> LeaseBook.open(Optional.of(name), List.of(pool(100, 9)), List.of(), clock));
                assertEquals("the lease journal " + journal + " is in use by another process", e.getMessage());
            }
            assertEquals(1, LeaseHistory.read(journal).records().size());
        }
        open().close();
    }

    @Test
    void aTornTailIsCutAndReported() throws IOException {
        try (LeaseBook book = open()) {
            lease(book, 1, 3600);
            lease(book, 2, 3600);
        }
        long size = Files.size(journal);
        try (FileChannel file = FileChannel.open(journal, StandardOpenOption.WRITE)) {
            file.truncate(size - 1);
        }
        List<String> lines = logged(() -> open().close());

        long whole = (size - JournalFormat.HEADER_LENGTH) / 2;
        assertEquals(
                List.of(journal + ": the last " + (whole - 1) + " bytes, from byte " + (size - whole)
                        + " on, are no whole record and were cut off"),
                lines);
        assertEquals(size - whole, Files.size(journal));
        assertEquals(List.of(), logged(() -> open().close()));
    }

    private static List<String> logged(Executable action) {
        Logger log = assertInstanceOf(Logger.class, LoggerFactory.getLogger(Journal.class));
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        log.addAppender(lines);
        assertDoesNotThrow(action);
        log.detachAppender(lines);
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void damageCostsOneLeaseAndIsKept() throws IOException {
        try (LeaseBook book = open()) {
            IntStream.range(0, 5).forEach(i -> lease(book, i, 3600));
        }
        byte[] bytes = Files.readAllBytes(journal);
        bytes[JournalFormat.HEADER_LENGTH + 20] ^= 1;
        Files.write(journal, bytes);

        assertEquals(59 - 9, LeaseHistory.read(journal).damagedBytes());
        try (LeaseBook book = open()) {
            assertEquals(4, book.leases().size());
        }
        assertEquals(0, LeaseHistory.read(journal).damagedBytes());
        assertArrayEquals(bytes, Files.readAllBytes(folder.resolve("leases.journal.damaged")));
    }

    @Test
    void opensADamagedJournalOnAFullDisk() throws IOException {
        try (LeaseBook book = open()) {
            IntStream.range(0, 5).forEach(i -> lease(book, i, 3600));
        }
        byte[] bytes = Files.readAllBytes(journal);
        bytes[JournalFormat.HEADER_LENGTH + 20] ^= 1;
        Files.write(journal, Arrays.copyOf(bytes, bytes.length - 1));
        disk.room = 0;

        try (LeaseBook book = open()) {
            assertEquals(3, book.leases().size());
            assertFalse(grantAndCommit(book, 7));
        }
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        Files.writeString(journal, "name: somebody else's file");
        String message = assertThrows(IOException.class, this::open).getMessage();
        assertEquals(journal + " cannot be used: it is not a lease journal", message);
        assertEquals("name: somebody else's file", Files.readString(journal));

        Path nowhere = folder.resolve("no/leases.journal");
        message = assertThrows(
                        IOException.class, () -> LeaseBook.open(Optional.of(nowhere), List.of(), List.of(), clock))
                .getMessage();
        assertEquals("there is no directory " + nowhere.getParent() + " for the lease journal", message);
        message = assertThrows(IOException.class, () -> LeaseHistory.read(nowhere))
                .getMessage();
        assertEquals("there is no lease journal " + nowhere, message);
    }
}
