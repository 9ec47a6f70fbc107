package io.vireo.router.leases;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * A lease journal, as bytes or, if the first byte is odd, as the bodies of records whose checksums are right: a book that
 * opens with it gives nothing to two, and says the same when it is opened again.
 */
public final class JournalTarget implements FuzzTarget {
    private static final String NETWORK = "default";
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
    private static final List<Pool> POOLS =
            List.of(Pool.ipv4(NETWORK, Ipv4Address.parse("10.0.0.100"), Ipv4Address.parse("10.0.0.107")));

    private final Path journal;

    public JournalTarget() {
        try {
            Path folder = Files.createTempDirectory(Path.of("/dev/shm"), "vireo-fuzz-");
            journal = folder.resolve("leases.journal");
            for (String name : List.of("", ".new", ".damaged", ".lock")) {
                folder.toFile().deleteOnExit();
                folder.resolve(journal.getFileName() + name).toFile().deleteOnExit();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public List<byte[]> seeds() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ByteArrayOutputStream bodies = new ByteArrayOutputStream();
        file.write(0);
        file.writeBytes(JournalFormat.header());
        bodies.write(1);
        for (int i = 0; i < 3; i++) {
            Client client = new Client(NETWORK, new MacAddress(0x5254_0012_0000L + i % 2));
            Resource resource = Resource.of(Ipv4Address.parse("10.0.0." + (100 + i)));
            LeaseRecord.State state = LeaseRecord.State.of(i).orElseThrow();
            byte[] entry = JournalFormat.encode(new LeaseRecord(state, client, resource, NOW.getEpochSecond() + 60));
            file.writeBytes(entry);
            bodies.write(entry.length - 10);
            bodies.write(entry, 10, entry.length - 10);
        }
        return List.of(file.toByteArray(), bodies.toByteArray());
    }

    @Override
    public void run(Input input) throws IOException {
        byte[] bytes = input.flag() ? records(input) : input.rest();
        JournalFormat.Contents contents;
        try {
            contents = JournalFormat.read(bytes);
        } catch (IOException e) {
            claim(e.getMessage() != null, "a reason");
            return;
        }
        judge(bytes, contents);
        Files.write(journal, bytes);
        open();
    }

    /** A journal of records that check. */
    private static byte[] records(Input input) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(JournalFormat.header());
        while (input.hasMore()) {
            byte[] body = input.take(input.u8());
            ByteBuffer entry = ByteBuffer.allocate(10 + body.length);
            entry.putInt(0x764c5372).putInt(0).putShort((short) body.length).put(body);
            CRC32C checksum = new CRC32C();
            checksum.update(entry.array(), 8, entry.capacity() - 8);
            out.writeBytes(entry.putInt(4, (int) checksum.getValue()).array());
        }
        return out.toByteArray();
    }

    private static void judge(byte[] bytes, JournalFormat.Contents contents) throws IOException {
        int at = 0;
        for (JournalFormat.Gap gap : contents.gaps()) {
            claim(gap.offset() >= at && gap.length() > 0, "gaps in order");
            at = gap.offset() + gap.length();
        }
        claim(at <= contents.end() && contents.end() <= bytes.length, "gaps before the end");
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        again.writeBytes(JournalFormat.header());
        contents.records().forEach(entry -> again.writeBytes(JournalFormat.encode(entry)));
        JournalFormat.Contents read = JournalFormat.read(again.toByteArray());
        claim(read.records().equals(contents.records()) && read.gaps().isEmpty(), "written and read again");
    }

    private void open() throws IOException {
        List<Lease> leases;
        try (LeaseBook book = LeaseBook.open(Optional.of(journal), POOLS, List.of(), () -> NOW)) {
            for (int i = 50; i < 60; i++) {
                Client client = new Client(NETWORK, new MacAddress(0x5254_0012_0000L + i));
                book.offer(client, Kind.IPV4)
                        .ifPresent(resource -> claim(book.grant(client, resource, 60), "what was offered"));
            }
            claim(book.commit(), "durable");
            leases = book.leases();
        }
        Set<Resource> resources = new HashSet<>();
        for (Lease lease : leases) {
            claim(resources.add(lease.resource()), "one resource to two clients");
        }
        try (LeaseBook book = LeaseBook.open(Optional.of(journal), POOLS, List.of(), () -> NOW)) {
            claim(book.leases().equals(leases), "the same when it is opened again");
        }
    }
}
