package io.vireo.services.enclave;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.services.ScriptedStream;
import io.vireo.services.enclave.VsockProtocolException.IoError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnclaveVSocketTest {
    @Test
    void speaksTheVsockProtocol() throws VsockProtocolException {
        EnclaveVSocket<VsockProtocolException> socket = EnclaveVSocket.createEnclaveVsocket();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        socket.writeMessage(written, "hello".getBytes(US_ASCII));
        assertEquals("56534f4b0000000568656c6c6f", HexFormat.of().formatHex(written.toByteArray()));
        assertArrayEquals(
                "hello".getBytes(US_ASCII), socket.readMessage(new ByteArrayInputStream(written.toByteArray())));
        assertThrows(IoError.class, () -> socket.readMessage(InputStream.nullInputStream()));
    }

    @Test
    void speaksAnyProtocolWithItsErrors() {
        EnclaveVSocket<Refusal> socket = new EnclaveVSocket<>(new RefusingProtocol());
        assertEquals(
                "read",
                assertThrows(Refusal.class, () -> socket.readMessage(InputStream.nullInputStream()))
                        .getMessage());
        assertEquals(
                "write",
                assertThrows(Refusal.class, () -> socket.writeMessage(OutputStream.nullOutputStream(), new byte[1]))
                        .getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1024})
    void theSimpleProtocolCarriesMessagesUpToItsLimit(int length) throws SimpleMessageException {
        SimpleMessageProtocol protocol = new SimpleMessageProtocol(1024);
        byte[] message = new byte[length];
        Arrays.fill(message, (byte) 7);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        protocol.writeMessage(written, message);
        assertEquals(4 + length, written.size());
        assertArrayEquals(message, protocol.readMessage(new ByteArrayInputStream(written.toByteArray())));
    }

    @Test
    void theSimpleProtocolRefusesWhatIsTooLong() {
        SimpleMessageProtocol protocol = new SimpleMessageProtocol(4);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        assertThrows(SimpleMessageException.class, () -> protocol.writeMessage(written, new byte[5]));
        assertEquals(0, written.size());
        for (String header : new String[] {"00000005", "7fffffff", "80000000", "ffffffff"}) {
            InputStream stream = new ByteArrayInputStream(HexFormat.of().parseHex(header + "0102030405"));
            assertThrows(SimpleMessageException.class, () -> protocol.readMessage(stream));
        }
        assertThrows(IllegalArgumentException.class, () -> new SimpleMessageProtocol(-1));
    }

    @Test
    void theSimpleProtocolSaysWhereAStreamFailed() {
        SimpleMessageProtocol protocol = new SimpleMessageProtocol(4);
        byte[] whole = HexFormat.of().parseHex("0000000401020304");
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            SimpleMessageException e = assertThrows(
                    SimpleMessageException.class, () -> protocol.readMessage(new ByteArrayInputStream(cut)));
            assertEquals(
                    "reading a %s: the stream ended after %d of 4 bytes"
                            .formatted(length < 4 ? "length" : "message", length % 4),
                    e.getMessage());
        }
        IOException reset = new IOException("ECONNRESET");
        InputStream failing = new ScriptedStream().then(reset).input();
        assertSame(
                reset,
                assertThrows(SimpleMessageException.class, () -> protocol.readMessage(failing))
                        .getCause());
    }

    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        Refusal(String message) {
            super(message);
        }
    }

    private static final class RefusingProtocol implements MessageProtocol<Refusal> {
        @Override
        public byte[] readMessage(InputStream stream) throws Refusal {
            throw new Refusal("read");
        }

        @Override
        public void writeMessage(OutputStream stream, byte[] message) throws Refusal {
            throw new Refusal("write");
        }
    }
}
