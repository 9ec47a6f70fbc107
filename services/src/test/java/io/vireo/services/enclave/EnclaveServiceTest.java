package io.vireo.services.enclave;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.services.ScriptedStream;
import io.vireo.services.enclave.VsockProtocolException.InvalidMagicBytesError;
import io.vireo.services.enclave.VsockProtocolException.IoError;
import io.vireo.services.enclave.VsockProtocolException.MessageTooLargeError;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnclaveServiceTest {
    private static final byte[] HELLO = HexFormat.of().parseHex("56534f4b0000000568656c6c6f");
    private static final byte[] WORLD = HexFormat.of().parseHex("56534f4b00000005776f726c64");

    private final EnclaveService echo = new EnclaveService(EnclaveHandler.ECHO);

    @Test
    void echoesAllThatAGuestSends() throws IOException {
        ScriptedStream guest = new ScriptedStream().then(HELLO).then(WORLD);
        echo.serve(guest);
        assertArrayEquals(join(HELLO, WORLD), guest.sent());
    }

    @Test
    void asksTheHandler() throws IOException {
        EnclaveService service = new EnclaveService(message -> {
            assertEquals("hello", new String(message, US_ASCII));
            return "world".getBytes(US_ASCII);
        });
        ScriptedStream guest = new ScriptedStream().then(HELLO);
        service.serve(guest);
        assertArrayEquals(WORLD, guest.sent());
    }

    @Test
    void aGuestThatSendsNothingIsNoError() throws IOException {
        ScriptedStream guest = new ScriptedStream();
        echo.serve(guest);
        assertEquals(0, guest.sent().length);
    }

    @Test
    void aMessageMustArriveInTimeAndTheNextOneNeedNot() throws IOException {
        ScriptedStream guest = new ScriptedStream().then(HELLO).then(WORLD);
        echo.serve(guest);
        Duration within = EnclaveService.TIMEOUT;
        assertEquals(
                List.of(Duration.ZERO, within, within, Duration.ZERO, within, within, Duration.ZERO),
                guest.timeoutsOfReads());
        ScriptedStream slow = new ScriptedStream()
                .then(HexFormat.of().parseHex("56534f4b000000"))
                .then(new SocketTimeoutException("nothing for 30 s"));
        assertThrows(IoError.class, () -> echo.serve(slow));
    }

    @Test
    void badMessagesEndTheConnectionWithoutAnAnswer() {
        ScriptedStream guest = new ScriptedStream().then("GET / HTTP/1.1".getBytes(US_ASCII));
        assertThrows(InvalidMagicBytesError.class, () -> echo.serve(guest));
        assertEquals(0, guest.sent().length);
    }

    @Test
    void aHandlerThatCannotAnswerEndsTheConnection() {
        EnclaveService service = new EnclaveService(message -> {
            throw new IOException("no answer");
        });
        ScriptedStream guest = new ScriptedStream().then(HELLO);
        assertEquals(
                "no answer",
                assertThrows(IOException.class, () -> service.serve(guest)).getMessage());
    }

    @Test
    void anAnswerThatIsTooLongIsNotBegun() {
        EnclaveService service = new EnclaveService(message -> new byte[(1 << 20) + 1]);
        ScriptedStream guest = new ScriptedStream().then(HELLO);
        assertThrows(MessageTooLargeError.class, () -> service.serve(guest));
        assertEquals(0, guest.sent().length);
    }

    private static byte[] join(byte[] first, byte[] second) {
        return HexFormat.of()
                .parseHex(HexFormat.of().formatHex(first) + HexFormat.of().formatHex(second));
    }
}
