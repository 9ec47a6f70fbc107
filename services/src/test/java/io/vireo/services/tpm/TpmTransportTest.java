package io.vireo.services.tpm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TpmTransportTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final byte[] COMMAND = HexFormat.of().parseHex("80010000000c0000014400ff");

    @TempDir
    private Path folder;

    private Path socket = Path.of("");

    @BeforeEach
    void nameTheSocket() {
        socket = folder.resolve("tpm.sock");
    }

    @Test
    void carriesCommandsAndResponses() throws IOException {
        try (FakeTpm tpm = FakeTpm.answering(socket, "80010000000a00000000", "80010000000c000000001234");
                TpmTransport transport = TpmTransport.open(TpmAddress.unix(socket), LONG)) {
            assertArrayEquals(bytes("80010000000a00000000"), transport.transact(COMMAND));
            assertArrayEquals(bytes("80010000000c000000001234"), transport.transact(COMMAND));
            String sent = HexFormat.of().formatHex(COMMAND);
            assertEquals(List.of(sent, sent), List.copyOf(tpm.commands));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', went away after 0 bytes",
        "80, went away after 1 bytes",
        "80010000000a000000, went away after 9 bytes",
        "80010000000c0000000012, went away after 11 bytes",
        "80010000000a0000000012, 11 bytes of a response of the TPM that says it has 10",
        "80010000000900000000, that says it has 9",
        "80010000000000000000, that says it has 0",
        "80010000200100000000, that says it has 8193",
        "8001ffffffff00000000, that says it has 4294967295"
    })
    void aResponseMustBeWhole(String response, String why) throws IOException {
        try (FakeTpm _ = FakeTpm.answering(socket, response);
                TpmTransport transport = TpmTransport.open(TpmAddress.unix(socket), LONG)) {
            IOException e = assertThrows(IOException.class, () -> transport.transact(COMMAND));
            assertTrue(String.valueOf(e.getMessage()).contains(why), e.getMessage());
        }
    }

    @Test
    void aSilentTpmIsNotWaitedForForEver() throws IOException {
        try (FakeTpm _ = FakeTpm.fallingSilent(socket, "80010000");
                TpmTransport transport = TpmTransport.open(TpmAddress.unix(socket), Duration.ofMillis(20))) {
            IOException e = assertThrows(IOException.class, () -> transport.transact(COMMAND));
            assertEquals("the TPM at " + socket + " does not answer", e.getMessage());
        }
    }

    @Test
    void anInterruptEndsTheWait() throws IOException {
        try (FakeTpm _ = FakeTpm.fallingSilent(socket);
                TpmTransport transport = TpmTransport.open(TpmAddress.unix(socket), LONG)) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedIOException.class, () -> transport.transact(COMMAND));
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void aTpmThatIsNotThereIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "precious");
        for (TpmAddress address : List.of(
                TpmAddress.unix(socket),
                TpmAddress.unix(file),
                TpmAddress.device(socket),
                TpmAddress.device(file),
                TpmAddress.device(folder))) {
            IOException e = assertThrows(IOException.class, () -> TpmTransport.open(address, LONG));
            assertTrue(String.valueOf(e.getMessage()).startsWith("no TPM at " + address.path()), e.getMessage());
        }
        assertEquals("precious", Files.readString(file));
    }

    /** A device that answers nothing, which is what the kernel's does when it has no response. */
    @Test
    void aDeviceWithoutAnswerIsAnError() throws IOException {
        try (TpmTransport transport = TpmTransport.open(TpmAddress.device(Path.of("/dev/null")), LONG)) {
            IOException e = assertThrows(IOException.class, () -> transport.transact(COMMAND));
            assertEquals("the TPM went away after 0 bytes of its response", e.getMessage());
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
