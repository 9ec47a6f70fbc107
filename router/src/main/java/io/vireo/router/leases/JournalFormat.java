package io.vireo.router.leases;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a journal, big-endian. Stateless.
 *
 * <pre>
 *   header   "VIREOLSE" (8) | version (4) | CRC-32C of what precedes (4)
 *   record   "vLSr" (4) | CRC-32C of what follows (4) | length of the body (2) | body
 *   body     state (1) | kind (1) | prefix length (1) | MAC address (6) | address (16) | seconds (8) | network's name
 * </pre>
 *
 * <p>A record that does not check is skipped byte by byte up to the next magic number where one does: a damaged length must
 * not cost the records behind it.
 */
final class JournalFormat {
    static final int HEADER_LENGTH = 16;

    private static final int VERSION = 1;
    private static final byte[] FILE_MAGIC = "VIREOLSE".getBytes(UTF_8);
    private static final int RECORD_MAGIC = 0x764c5372;
    private static final int RECORD_HEADER_LENGTH = 10;
    private static final int LENGTH_FIELD = 8;
    private static final int NAME_OFFSET = 33;
    private static final int MAC_LENGTH = 6;

    /** Bytes that are no record. */
    record Gap(int offset, int length) {}

    /**
     * What was read.
     *
     * @param headed whether it begins with a header
     * @param end of the last record, or of the header: what follows is a torn tail
     * @param gaps before {@code end}
     */
    record Contents(boolean headed, List<LeaseRecord> records, int end, List<Gap> gaps) {}

    private JournalFormat() {}

    static byte[] header() {
        ByteBuffer out = ByteBuffer.allocate(HEADER_LENGTH).put(FILE_MAGIC).putInt(VERSION);
        return out.putInt(checksum(out.array(), 0, out.position())).array();
    }

    static byte[] encode(LeaseRecord entry) {
        byte[] name = entry.client().network().getBytes(UTF_8);
        Ipv6Prefix block = entry.resource().block();
        ByteBuffer out = ByteBuffer.allocate(RECORD_HEADER_LENGTH + NAME_OFFSET + name.length);
        out.putInt(RECORD_MAGIC).putInt(0).putShort((short) (NAME_OFFSET + name.length));
        out.put((byte) entry.state().code).put((byte) entry.resource().kind().code);
        out.put((byte) block.length()).put(entry.client().mac().toBytes());
        out.put(block.address().toBytes()).putLong(entry.seconds()).put(name);
        return out.putInt(Integer.BYTES, checksum(out.array(), LENGTH_FIELD, out.capacity()))
                .array();
    }

    private static int checksum(byte[] bytes, int from, int to) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, from, to - from);
        return (int) checksum.getValue();
    }

    /**
     * Reads every record that checks.
     *
     * @throws IOException if it is no journal, or one of another version
     */
    static Contents read(byte[] bytes) throws IOException {
        if (bytes.length < HEADER_LENGTH) {
            if (!Arrays.equals(bytes, Arrays.copyOf(header(), bytes.length))) {
                throw new IOException("it is not a lease journal");
            }
            return new Contents(false, List.of(), 0, List.of());
        }
        boolean headed = isHeaded(bytes);
        Contents contents = readRecords(bytes, headed);
        if (!headed && contents.records().isEmpty()) {
            throw new IOException("it is not a lease journal");
        }
        return contents;
    }

    /** False also where the header is damaged, which the records behind it survive. */
    private static boolean isHeaded(byte[] bytes) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte[] magic = new byte[FILE_MAGIC.length];
        int version = in.get(magic).getInt();
        if (!Arrays.equals(magic, FILE_MAGIC) || in.getInt() != checksum(bytes, 0, HEADER_LENGTH - Integer.BYTES)) {
            return false;
        }
        if (version != VERSION) {
            throw new IOException(
                    "it is a lease journal of version %d, and this Vireo knows version %d".formatted(version, VERSION));
        }
        return true;
    }

    private static Contents readRecords(byte[] bytes, boolean headed) {
        List<LeaseRecord> records = new ArrayList<>();
        List<Gap> gaps = new ArrayList<>();
        int end = headed ? HEADER_LENGTH : 0;
        int at = end;
        while (at + RECORD_HEADER_LENGTH <= bytes.length) {
            LeaseRecord entry = recordAt(bytes, at);
            if (entry == null) {
                at++;
                continue;
            }
            if (at > end) {
                gaps.add(new Gap(end, at - end));
            }
            records.add(entry);
            at += encode(entry).length;
            end = at;
        }
        return new Contents(headed, records, end, gaps);
    }

    private static @Nullable LeaseRecord recordAt(byte[] bytes, int at) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt(at) != RECORD_MAGIC) {
            return null;
        }
        int length = in.getShort(at + LENGTH_FIELD);
        int end = at + RECORD_HEADER_LENGTH + length;
        if (length <= NAME_OFFSET
                || length > NAME_OFFSET + Client.MAX_NETWORK_LENGTH
                || end > bytes.length
                || in.getInt(at + Integer.BYTES) != checksum(bytes, at + LENGTH_FIELD, end)) {
            return null;
        }
        return body(in.position(at + RECORD_HEADER_LENGTH).limit(end));
    }

    /** Null if it says what cannot be, whatever its checksum. */
    private static @Nullable LeaseRecord body(ByteBuffer in) {
        Optional<LeaseRecord.State> state = LeaseRecord.State.of(in.get());
        Optional<Kind> kind = Kind.of(in.get());
        int prefixLength = in.get() & 0xff;
        byte[] mac = new byte[MAC_LENGTH];
        byte[] address = new byte[Ipv6Address.LENGTH];
        long seconds = in.get(mac).get(address).getLong();
        if (state.isEmpty() || kind.isEmpty()) {
            return null;
        }
        try {
            // strictly: a name that was mended would be longer than what was read
            Client client = new Client(UTF_8.newDecoder().decode(in).toString(), MacAddress.of(mac));
            Resource resource = new Resource(kind.get(), new Ipv6Prefix(Ipv6Address.of(address, 0), prefixLength));
            return new LeaseRecord(state.get(), client, resource, seconds);
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return null;
        }
    }
}
