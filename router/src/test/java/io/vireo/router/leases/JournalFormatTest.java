package io.vireo.router.leases;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalFormatTest {
    /** As computed by another implementation of CRC-32C. */
    private static final String HEADER = "564952454f4c5345" + "00000001" + "b5204693";

    private static final String RECORD = "764c5372" + "adff502d" + "0028"
            + "00" + "00" + "80" + "525400120001" + "00000000000000000000ffff0a000064" + "000000006553f100"
            + "64656661756c74";

    private static final LeaseRecord LEASED =
            new LeaseRecord(LeaseRecord.State.LEASED, Fixtures.client(1), Fixtures.ipv4(100), TestClock.START);
    private static final List<LeaseRecord> RECORDS = List.of(
            LEASED,
            new LeaseRecord(
                    LeaseRecord.State.DECLINED,
                    Fixtures.client("another", 2),
                    Fixtures.delegated("2001:db8:8abc:de00::/56"),
                    Long.MAX_VALUE),
            new LeaseRecord(
                    LeaseRecord.State.RELEASED, Fixtures.client("é", 3), Resource.of(Fixtures.v6("2001:db8::1")), 0),
            LEASED);

    private static byte[] journal(List<LeaseRecord> records) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(JournalFormat.header());
        records.forEach(entry -> out.writeBytes(JournalFormat.encode(entry)));
        return out.toByteArray();
    }

    /** Where each record ends; the header before them. */
    private static List<Integer> ends() {
        List<Integer> ends = new ArrayList<>(List.of(JournalFormat.HEADER_LENGTH));
        RECORDS.forEach(entry -> ends.add(ends.getLast() + JournalFormat.encode(entry).length));
        return ends;
    }

    @Test
    void writesTheseBytes() {
        assertEquals(HEADER + RECORD, HexFormat.of().formatHex(journal(List.of(LEASED))));
    }

    @Test
    void readsWhatItWrote() throws IOException {
        byte[] bytes = journal(RECORDS);

        JournalFormat.Contents contents = JournalFormat.read(bytes);

        assertEquals(new JournalFormat.Contents(true, RECORDS, bytes.length, List.of()), contents);
    }

    @Test
    void cutAnywhereItHoldsEveryWholeRecord() throws IOException {
        byte[] bytes = journal(RECORDS);
        List<Integer> ends = ends();
        for (int length = 0; length <= bytes.length; length++) {
            JournalFormat.Contents contents = JournalFormat.read(Arrays.copyOf(bytes, length));

            int at = length;
            int whole = (int) ends.stream().filter(end -> end <= at).count() - 1;
            assertEquals(RECORDS.subList(0, Math.max(whole, 0)), contents.records(), "cut at " + length);
            assertEquals(whole < 0 ? 0 : ends.get(whole), contents.end(), "cut at " + length);
            assertEquals(List.of(), contents.gaps());
        }
    }

    @Test
    void aFlippedBitCostsOneRecordAtMost() throws IOException {
        byte[] bytes = journal(RECORDS);
        List<Integer> ends = ends();
        for (int bit = 0; bit < bytes.length * Byte.SIZE; bit++) {
            int at = bit / Byte.SIZE;
            bytes[at] ^= (byte) (1 << bit % Byte.SIZE);

            JournalFormat.Contents contents = JournalFormat.read(bytes);

            int struck = (int) ends.stream().filter(end -> end <= at).count() - 1;
            List<LeaseRecord> left = new ArrayList<>(RECORDS);
            if (struck >= 0) {
                left.remove(struck);
            }
            assertEquals(left, contents.records(), "bit " + bit);
            if (struck == RECORDS.size() - 1) { // not to be told from a torn tail
                assertEquals(ends.get(struck), contents.end());
                assertEquals(List.of(), contents.gaps());
            } else {
                int from = struck < 0 ? 0 : ends.get(struck);
                assertEquals(
                        List.of(new JournalFormat.Gap(from, ends.get(struck + 1) - from)),
                        contents.gaps(),
                        "bit " + bit);
            }
            bytes[at] ^= (byte) (1 << bit % Byte.SIZE);
        }
    }

    @Test
    void zerosAtTheEndAreATornTail() throws IOException {
        byte[] bytes = journal(RECORDS);

        JournalFormat.Contents contents = JournalFormat.read(Arrays.copyOf(bytes, bytes.length + 4096));

        assertEquals(new JournalFormat.Contents(true, RECORDS, bytes.length, List.of()), contents);
    }

    @Test
    void refusesWhatIsNoJournal() {
        for (String text : List.of("VIREOLSX", "x", "a file of somebody else, which must not be overwritten")) {
            IOException e = assertThrows(IOException.class, () -> JournalFormat.read(text.getBytes(UTF_8)));
            assertEquals("it is not a lease journal", e.getMessage());
        }
    }

    @Test
    void refusesAnotherVersion() {
        byte[] next = HexFormat.of().parseHex("564952454f4c5345" + "00000002" + "a670b567");

        IOException e = assertThrows(IOException.class, () -> JournalFormat.read(next));

        assertEquals("it is a lease journal of version 2, and this Vireo knows version 1", e.getMessage());
    }

    /** Both have a good checksum: one of kind 9, and one with a name that is not UTF-8. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "764c53728f1d2c52002800098052540012000100000000000000000000ffff0a000064000000006553f10064656661756c74",
                "764c5372ccdff808002800008052540012000100000000000000000000ffff0a000064000000006553f10064656694756c74"
            })
    void aRecordThatSaysWhatCannotBeIsDamage(String hex) throws IOException {
        byte[] bytes = journal(RECORDS);
        byte[] odd = HexFormat.of().parseHex(hex);
        byte[] spliced = new byte[bytes.length + odd.length];
        System.arraycopy(bytes, 0, spliced, 0, JournalFormat.HEADER_LENGTH);
        System.arraycopy(odd, 0, spliced, JournalFormat.HEADER_LENGTH, odd.length);
        System.arraycopy(
                bytes,
                JournalFormat.HEADER_LENGTH,
                spliced,
                JournalFormat.HEADER_LENGTH + odd.length,
                bytes.length - JournalFormat.HEADER_LENGTH);

        JournalFormat.Contents contents = JournalFormat.read(spliced);

        assertEquals(RECORDS, contents.records());
        assertEquals(List.of(new JournalFormat.Gap(JournalFormat.HEADER_LENGTH, odd.length)), contents.gaps());
    }

    @Test
    void aNameThatIsNotUtf8EndsBeforeIt() throws IOException {
        byte[] odd = HexFormat.of()
                .parseHex(
                        HEADER
                                + "764c5372ccdff808002800008052540012000100000000000000000000ffff0a000064000000006553f10064656694756c74");

        assertEquals(JournalFormat.HEADER_LENGTH, JournalFormat.read(odd).end());
    }
}
