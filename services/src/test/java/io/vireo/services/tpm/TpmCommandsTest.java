package io.vireo.services.tpm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TpmCommandsTest {
    /** ReadPublic of 0x81000001, as tpm2-tools send it. */
    private static final String READ_PUBLIC = "80010000000e00000173" + "81000001";

    /** TPMT_PUBLIC of an RSA-2048 key of the usual template, whose modulus is all 0x5a. */
    static final String AREA = "0001000b000300b20020837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa"
            + "00060080004300100800000000000100" + "5a".repeat(256);

    /** The response: size and public area, name, qualified name. */
    static final String RESPONSE =
            "8001" + "0000018e" + "00000000" + "013a" + AREA + ("0022000b" + "c3".repeat(32)).repeat(2);

    @Test
    void readsThePublicArea() throws IOException {
        TpmCommands commands = new TpmCommands(answering(READ_PUBLIC, RESPONSE));
        assertArrayEquals(HexFormat.of().parseHex(AREA), commands.readPublic(EndorsementKey.HANDLE));
    }

    @ParameterizedTest
    @CsvSource({
        "0000018b, TPM_RC_HANDLE",
        "00000100, TPM_RC_INITIALIZE",
        "00000101, TPM_RC_FAILURE",
        "000009a2, TPM_RC_BAD_AUTH",
        "00000921, TPM_RC_LOCKOUT",
        "0000090a, TPM_RC_TESTING",
        "00000143, TPM_RC_COMMAND_CODE"
    })
    void refusalsHaveTheirNames(String code, String name) {
        TpmCommands commands = new TpmCommands(answering(READ_PUBLIC, "80010000000a" + code));
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, UTF_8));
        TpmException e;
        try {
            e = assertThrows(TpmException.class, () -> commands.readPublic(EndorsementKey.HANDLE));
        } finally {
            System.setOut(out);
        }
        assertEquals(name, e.responseCode());
        assertEquals("TPM2_ReadPublic: " + name, e.getMessage());
        assertEquals("", printed.toString(UTF_8));
    }

    @Test
    void aCodeWithoutNameIsStillARefusal() {
        TpmCommands commands = new TpmCommands(answering(READ_PUBLIC, "80010000000a0000097e"));
        assertThrows(TpmException.class, () -> commands.readPublic(EndorsementKey.HANDLE));
    }

    @Test
    void aBusyTpmIsNotAskedForEver() {
        TpmCommands commands = new TpmCommands(answering(READ_PUBLIC, "80010000000a00000922"));
        IOException e = assertThrows(IOException.class, () -> commands.readPublic(EndorsementKey.HANDLE));
        assertEquals("TPM2_ReadPublic: the TPM is busy (TPM_RC_RETRY)", e.getMessage());
    }

    /** The library takes more than one code for a wish to be asked again. */
    @ParameterizedTest
    @Timeout(20)
    @ValueSource(strings = {"00000d22", "00001922", "00008922", "f0000922", "fffff97f", "ffffffff"})
    void noCodeMakesItBeAskedForEver(String code) {
        TpmCommands commands = new TpmCommands(answering(READ_PUBLIC, "80010000000a" + code));
        assertThrows(IOException.class, () -> commands.readPublic(EndorsementKey.HANDLE));
    }

    /** Whatever a response says about its own lengths, there is an area or an IOException. */
    @Test
    void damagedResponsesAreErrors() {
        byte[] whole = HexFormat.of().parseHex(RESPONSE);
        for (int length = 10; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            cut[4] = (byte) (length >> 8);
            cut[5] = (byte) length;
            TpmCommands commands =
                    new TpmCommands(answering(READ_PUBLIC, HexFormat.of().formatHex(cut)));
            assertThrows(IOException.class, () -> commands.readPublic(EndorsementKey.HANDLE), "of " + length);
        }
    }

    @Test
    void aTransportsErrorsAreTheCommands() {
        TpmCommands commands = new TpmCommands(new TpmTransport() {
            @Override
            public byte[] transact(byte[] command) throws IOException {
                throw new IOException("the TPM went away");
            }

            @Override
            public void close() {}
        });
        IOException e = assertThrows(IOException.class, () -> commands.readPublic(EndorsementKey.HANDLE));
        assertTrue(String.valueOf(e.getMessage()).endsWith("the TPM went away"), e.getMessage());
    }

    private static TpmTransport answering(String command, String response) {
        return new TpmTransport() {
            @Override
            public byte[] transact(byte[] sent) {
                assertEquals(command, HexFormat.of().formatHex(sent));
                return HexFormat.of().parseHex(response);
            }

            @Override
            public void close() {}
        };
    }
}
