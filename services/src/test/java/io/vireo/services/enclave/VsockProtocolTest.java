package io.vireo.services.enclave;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.services.ScriptedStream;
import io.vireo.services.enclave.VsockProtocolException.InvalidMagicBytesError;
import io.vireo.services.enclave.VsockProtocolException.InvalidTotalLengthError;
import io.vireo.services.enclave.VsockProtocolException.IoError;
import io.vireo.services.enclave.VsockProtocolException.MessageTooLargeError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VsockProtocolTest {
    private static final String HELLO = "56534f4b0000000568656c6c6f";
    private static final int LONGEST = 1 << 20;

    private final VsockProtocol protocol = new VsockProtocol();

    @Test
    void helloIsTheseBytes() throws VsockProtocolException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        protocol.writeMessage(written, "hello".getBytes(US_ASCII));
        assertArrayEquals(bytes(HELLO), written.toByteArray());
        assertArrayEquals("hello".getBytes(US_ASCII), read(bytes(HELLO)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 65_535, 65_536, 65_537, 131_072, LONGEST - 1, LONGEST})
    void whatIsWrittenIsRead(int length) throws VsockProtocolException {
        byte[] message = random(length);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        protocol.writeMessage(written, message);
        assertArrayEquals(message, read(written.toByteArray()));
    }

    @Test
    void readsNotAByteTooMuch() throws VsockProtocolException, IOException {
        InputStream stream = new ByteArrayInputStream(bytes(HELLO + HELLO + "aa"));
        protocol.readMessage(stream);
        assertArrayEquals("hello".getBytes(US_ASCII), protocol.readMessage(stream));
        assertEquals(0xaa, stream.read());
    }

    @Test
    void readsWhatComesByteByByte() throws VsockProtocolException {
        ScriptedStream stream = new ScriptedStream();
        for (byte one : bytes(HELLO)) {
            stream.then(new byte[] {one});
        }
        assertArrayEquals("hello".getBytes(US_ASCII), protocol.readMessage(stream.input()));
    }

    @Test
    void anEndWithinAMessageSaysWhere() {
        byte[] whole = bytes(HELLO);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            IoError e = assertThrows(IoError.class, () -> read(cut));
            assertInstanceOf(EOFException.class, e.getCause());
            String where = length < 8
                    ? "reading a header: the stream ended after " + length + " of 8 bytes"
                    : "reading a payload: the stream ended after " + (length - 8) + " of 5 bytes";
            assertEquals(where, e.getMessage());
        }
    }

    @Test
    void aStreamThatFailsIsAnIoError() {
        IOException reset = new IOException("ECONNRESET");
        InputStream inHeader =
                new ScriptedStream().then(bytes("56534f4b")).then(reset).input();
        assertSame(
                reset,
                assertThrows(IoError.class, () -> protocol.readMessage(inHeader))
                        .getCause());
        InputStream inPayload = new ScriptedStream()
                .then(bytes("56534f4b0000000568"))
                .then(reset)
                .input();
        IoError e = assertThrows(IoError.class, () -> protocol.readMessage(inPayload));
        assertSame(reset, e.getCause());
        assertEquals("reading a payload: ECONNRESET", e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "47455420, InvalidMagicBytesError",
        "56534f4b00000000, InvalidTotalLengthError",
        "56534f4b00100001, MessageTooLargeError",
        "56534f4bffffffff, MessageTooLargeError"
    })
    void aBadHeaderIsRefusedBeforeAnyPayloadIsRead(String hex, String error) throws IOException {
        ByteArrayInputStream stream = new ByteArrayInputStream(bytes(hex + "00".repeat(8 - hex.length() / 2) + "bb"));
        VsockProtocolException e = assertThrows(VsockProtocolException.class, () -> protocol.readMessage(stream));
        assertEquals(error, e.getClass().getSimpleName());
        assertEquals(0xbb, stream.read());
    }

    @Test
    void damagedHeadersAreNamedErrors() throws VsockProtocolException {
        byte[] whole = bytes(HELLO);
        for (int bit = 0; bit < 8 * 4; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(InvalidMagicBytesError.class, () -> read(damaged));
        }
        for (int bit = 8 * 4; bit < 8 * 8; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            boolean isShorter = bit == 8 * 7 || bit == 8 * 7 + 2; // 4 or 1 instead of 5; all others are more
            if (isShorter) {
                assertTrue(read(damaged).length < 5, "bit " + bit);
            } else {
                VsockProtocolException e = assertThrows(VsockProtocolException.class, () -> read(damaged));
                assertTrue(e instanceof MessageTooLargeError || e instanceof IoError, "bit " + bit + ": " + e);
            }
        }
    }

    /** Else many connections that claim the longest message, and send nothing, would cost a mebibyte each. */
    @Test
    void memoryGrowsWithWhatCame() {
        List<Integer> rooms = new ArrayList<>();
        InputStream stream = new InputStream() {
            private final InputStream bytes = new ByteArrayInputStream(bytes("56534f4b00100000"));

            @Override
            public int read() throws IOException {
                return bytes.read();
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                rooms.add(into.length);
                return bytes.read(into, offset, length);
            }
        };
        assertThrows(IoError.class, () -> protocol.readMessage(stream));
        assertTrue(rooms.stream().allMatch(room -> room <= VsockProtocol.MAX_WRITE), rooms.toString());
    }

    @Test
    void writesTheHeaderOnceThenPieces() throws VsockProtocolException {
        List<String> calls = new ArrayList<>();
        protocol.writeMessage(new Recorder(calls), random(2 * 65_536 + 1));
        assertEquals(List.of("8", "65536", "65536", "1", "flush"), calls);
    }

    @Test
    void whatMayNotBeWrittenWritesNothing() {
        List<String> calls = new ArrayList<>();
        OutputStream stream = new Recorder(calls);
        assertThrows(InvalidTotalLengthError.class, () -> protocol.writeMessage(stream, new byte[0]));
        MessageTooLargeError e =
                assertThrows(MessageTooLargeError.class, () -> protocol.writeMessage(stream, new byte[LONGEST + 1]));
        assertEquals(LONGEST + 1, e.length());
        assertEquals(List.of(), calls);
    }

    @Test
    void aStreamThatTakesNothingIsAnIoError() {
        IOException reset = new IOException("EPIPE");
        OutputStream stream = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw reset;
            }
        };
        IoError e = assertThrows(IoError.class, () -> protocol.writeMessage(stream, new byte[3]));
        assertSame(reset, e.getCause());
    }

    private byte[] read(byte[] stream) throws VsockProtocolException {
        return protocol.readMessage(new ByteArrayInputStream(stream));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    /** Notes the size of each write. */
    private static final class Recorder extends OutputStream {
        private final List<String> calls;

        Recorder(List<String> calls) {
            this.calls = calls;
        }

        @Override
        public void write(int value) {
            calls.add("1");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            calls.add(String.valueOf(length));
        }

        @Override
        public void flush() {
            calls.add("flush");
        }
    }
}
