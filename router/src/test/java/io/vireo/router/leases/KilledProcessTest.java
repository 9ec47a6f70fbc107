package io.vireo.router.leases;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that leases and is killed in the midst of it, again and again. */
class KilledProcessTest {
    private static final int KILLS = 20;
    private static final int CLIENTS = 200;
    private static final List<Pool> POOLS = List.of(Fixtures.pool(100, 150));
    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    private Path folder = Path.of("");

    private final Random random = new Random(4);

    /** By client number: the address it was told. */
    private final Map<Integer, String> told = new HashMap<>();

    @Test
    void losesNoLeaseThatWasToldAndGivesNoneTwice() throws IOException, InterruptedException {
        Path journal = folder.resolve("leases.journal");
        int lines = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            lines += leaseUntilKilled(journal);
            try (LeaseBook book = open(journal)) {
                Set<Resource> resources = new HashSet<>();
                for (Lease lease : book.leases()) {
                    assertTrue(resources.add(lease.resource()), lease + " is another's as well");
                }
                told.forEach((client, address) -> assertEquals(
                        Optional.of(address),
                        book.lease(Fixtures.client(client), Kind.IPV4)
                                .map(lease -> lease.resource().toString()),
                        "client " + client));
            }
        }
        assertTrue(lines > KILLS * 20, lines + " lines");
    }

    @Test
    void isRefusedAJournalThoughItsOwnerOpenedItTwice() throws IOException, InterruptedException {
        Path journal = folder.resolve("leases.journal");
        try (LeaseBook book = open(journal)) {
            assertThrows(IOException.class, () -> open(journal).close());
            Process process = start(journal);
            try {
                assertTrue(process.waitFor(Duration.ofSeconds(30)), "it has the journal");
                assertTrue(book.leases().isEmpty());
                assertEquals(1, process.exitValue());
            } finally {
                process.destroyForcibly();
            }
        }
        open(journal).close();
    }

    private static LeaseBook open(Path journal) throws IOException {
        return LeaseBook.open(Optional.of(journal), POOLS, List.of(), CLOCK);
    }

    /** Returns how many lines it has printed. */
    private int leaseUntilKilled(Path journal) throws IOException, InterruptedException {
        Process process = start(journal);
        try (BufferedReader out = process.inputReader(UTF_8)) {
            int lines = 0;
            int enough = 20 + random.nextInt(150);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.endsWith(";")) { // the last may be half a line
                    remember(line.substring(0, line.length() - 1).split(" "));
                    lines++;
                }
                if (lines == enough) {
                    IOException e =
                            assertThrows(IOException.class, () -> open(journal).close());
                    assertEquals("the lease journal " + journal + " is in use by another process", e.getMessage());
                    process.toHandle().destroyForcibly(); // SIGKILL; the process itself would close its output, too
                }
            }
            assertTrue(process.waitFor(Duration.ofSeconds(60)), "still running");
            assertEquals(128 + 9, process.exitValue());
            return lines;
        }
    }

    private Process start(Path journal) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        withoutLogging(),
                        Leasing.class.getName(),
                        journal.toString(),
                        Integer.toString(random.nextInt()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private void remember(String[] words) {
        int client = Integer.parseInt(words[1]);
        switch (words[0]) {
            case "told" -> {
                String before = told.put(client, words[2]);
                assertTrue(before == null || before.equals(words[2]), () -> "client " + client + " had " + before);
            }
            case "releasing" -> told.remove(client);
            default -> throw new AssertionError(String.join(" ", words));
        }
    }

    /** A log's start takes longer than all else. */
    private static String withoutLogging() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("logback"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The process. */
    static final class Leasing {
        private Leasing() {}

        public static void main(String[] arguments) throws IOException {
            Random random = new Random(Integer.parseInt(arguments[1]));
            try (LeaseBook book = open(Path.of(arguments[0]))) {
                while (true) {
                    turn(book, random);
                }
            }
        }

        private static void turn(LeaseBook book, Random random) {
            Map<Integer, Resource> granted = new HashMap<>();
            for (int i = 0; i <= random.nextInt(4); i++) {
                int number = random.nextInt(CLIENTS);
                Client client = Fixtures.client(number);
                if (random.nextInt(4) == 0 && !granted.containsKey(number)) {
                    System.out.println("releasing " + number + ";");
                    book.release(client, Kind.IPV4);
                } else {
                    book.offer(client, Kind.IPV4)
                            .filter(resource -> book.grant(client, resource, 86_400))
                            .ifPresent(resource -> granted.put(number, resource));
                }
            }
            if (!book.commit()) {
                throw new IllegalStateException("not durable");
            }
            granted.forEach((number, resource) -> System.out.println("told " + number + " " + resource + ";"));
            System.out.flush();
        }
    }
}
