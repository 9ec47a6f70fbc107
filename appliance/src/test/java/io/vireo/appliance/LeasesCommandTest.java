package io.vireo.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.appliance.config.FakeHost;
import io.vireo.appliance.config.Host;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.leases.Client;
import io.vireo.router.leases.Kind;
import io.vireo.router.leases.Lease;
import io.vireo.router.leases.LeaseBook;
import io.vireo.router.leases.Pool;
import io.vireo.router.leases.Resource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class LeasesCommandTest {
    private static final List<Pool> POOLS = List.of(
            Pool.ipv4("default", Ipv4Address.parse("10.0.0.100"), Ipv4Address.parse("10.0.0.199")),
            Pool.delegated("default", Ipv6Prefix.parse("2001:db8:8000::/36"), 56));
    private static final Client VM1 = new Client("default", MacAddress.parse("52:54:00:12:34:01"));
    private static final Client VM2 = new Client("default", MacAddress.parse("52:54:00:12:34:02"));

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path journal = Path.of("");

    @BeforeEach
    void nameTheJournal() {
        journal = folder.resolve("leases.journal");
    }

    private int leases(String... arguments) {
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private LeaseBook open() throws IOException {
        Instant then = Instant.parse("2026-01-02T03:04:05Z");
        return LeaseBook.open(Optional.of(journal), POOLS, List.of(), InstantSource.fixed(then));
    }

    private static Resource lease(LeaseBook book, Client client, Kind kind, long seconds) {
        Resource resource = book.offer(client, kind).orElseThrow();
        assertTrue(book.grant(client, resource, seconds));
        assertTrue(book.commit());
        return resource;
    }

    @Test
    void listsWhoHasWhatWhileItIsInUse() throws IOException {
        try (LeaseBook book = open()) {
            lease(book, VM1, Kind.IPV4, Lease.NEVER);
            lease(book, VM1, Kind.DELEGATED_PREFIX, 3600);
            lease(book, VM2, Kind.IPV4, 3600);
            lease(book, VM2, Kind.DELEGATED_PREFIX, 7200);
            book.release(VM2, Kind.DELEGATED_PREFIX);
            assertTrue(book.commit());

            assertEquals(0, leases("leases", "--journal", journal.toString()));
        }
        assertEquals("", err.toString());
        assertEquals("""
                NETWORK  MAC                KIND              ADDRESS                 EXPIRES               STATE
                default  52:54:00:12:34:01  ipv4              10.0.0.100              never                 leased
                default  52:54:00:12:34:01  delegated-prefix  2001:db8:8000::/56      2026-01-02T04:04:05Z  expired
                default  52:54:00:12:34:02  ipv4              10.0.0.101              2026-01-02T04:04:05Z  expired
                default  52:54:00:12:34:02  delegated-prefix  2001:db8:8000:100::/56  2026-01-02T03:04:05Z  released
                """, out.toString());
    }

    @Test
    void anEmptyJournalIsAnEmptyTable() throws IOException {
        open().close();

        assertEquals(0, leases("leases", "-j", journal.toString()));
        assertEquals("NETWORK  MAC  KIND  ADDRESS  EXPIRES  STATE\n", out.toString());
    }

    @Test
    void listsWhatIsLeftOfADamagedJournalAndSaysSo() throws IOException {
        try (LeaseBook book = open()) {
            lease(book, VM1, Kind.IPV4, Lease.NEVER);
            lease(book, VM2, Kind.IPV4, Lease.NEVER);
        }
        byte[] bytes = Files.readAllBytes(journal);
        bytes[30] ^= 1;
        Files.write(journal, bytes);

        assertEquals(1, leases("leases", "--journal", journal.toString()));
        assertTrue(out.toString().contains("52:54:00:12:34:02"), out.toString());
        assertTrue(err.toString().contains("bytes of " + journal + " are damaged"), err.toString());
    }

    @Test
    void aMissingJournalIsAFailure() {
        assertEquals(1, leases("leases", "--journal", journal.toString()));
        assertEquals("vireo: there is no lease journal " + journal + "\n", err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void anotherFileIsAFailure() throws IOException {
        Files.writeString(journal, "guests: []");

        assertEquals(1, leases("leases", "--journal", journal.toString()));
        assertEquals(
                "vireo: the lease journal " + journal + " cannot be read: it is not a lease journal\n", err.toString());
    }

    @Test
    void findsTheJournalInTheStateDirectoryOfAConfiguration() throws IOException {
        Path stateDir = Files.createDirectory(TestConfig.stateDir(folder));
        journal = stateDir.resolve("leases.journal");
        leaseOne();
        String config = TestConfig.write(folder).toString();

        assertLists(leases("leases", "--config", config));
        assertLists(leases("leases", "-c", config));
        assertLists(leases("leases", "--state-dir", stateDir.toString()));
        assertLists(leases("leases", "-s", stateDir.toString()));
    }

    @Test
    void theDefaultIsTheDefaultStateDirectory() throws IOException {
        journal = Files.createDirectory(folder.resolve("vireo")).resolve("leases.journal");
        leaseOne();
        Host user = FakeHost.PLAIN.withUser(1000).withVariable("XDG_STATE_HOME", folder.toString());

        assertLists(new CommandLine(new LeasesCommand(user))
                .setOut(new PrintWriter(out))
                .execute());
    }

    private void leaseOne() throws IOException {
        try (LeaseBook book = open()) {
            lease(book, VM1, Kind.IPV4, Lease.NEVER);
        }
    }

    private void assertLists(int exitCode) {
        assertEquals(0, exitCode, err.toString());
        assertEquals("""
                NETWORK  MAC                KIND  ADDRESS     EXPIRES  STATE
                default  52:54:00:12:34:01  ipv4  10.0.0.100  never    leased
                """, out.toString());
        out.getBuffer().setLength(0);
    }

    @Test
    void aMistakeInTheConfigurationIsToldAsByAnyCommand() throws IOException {
        Path config = Files.writeString(folder.resolve("vireo.yaml"), "networks: []\nguests: []\n");

        assertEquals(2, leases("leases", "--config", config.toString()));
        assertEquals("", out.toString());
        assertTrue(err.toString().startsWith(config + ":1: networks: is an empty list"), err.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "--config a --state-dir b, '--config=FILE, --state-dir=DIR'",
        "--config a --journal c, '--config=FILE, --journal=FILE'",
        "--state-dir b -j c, '--state-dir=DIR, --journal=FILE'"
    })
    void oneOptionAtMost(String options, String named) {
        assertEquals(2, leases(("leases " + options).split(" ")));
        assertEquals("", out.toString());
        assertTrue(
                err.toString().startsWith("Error: " + named + " are mutually exclusive (specify only one)"),
                err.toString());
    }

    @Test
    void helpNamesTheOptionsAndTheExitCodes() {
        assertEquals(0, leases("leases", "--help"));
        for (String part : List.of(
                "vireo leases",
                "--config=FILE",
                "--state-dir=DIR",
                "--journal=FILE",
                "default state directory",
                "0   clean end",
                "2   wrong usage")) {
            assertTrue(out.toString().contains(part), out.toString());
        }
    }
}
