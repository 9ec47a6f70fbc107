package io.vireo.vsock.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectLineTest {
    private static long port(String line) {
        byte[] bytes = line.getBytes(ISO_8859_1);
        return ConnectLine.port(bytes, bytes.length);
    }

    @ParameterizedTest
    @CsvSource({
        "CONNECT 52, 52",
        "CONNECT 0, 0",
        "CONNECT 4294967294, 4294967294",
        "connect 0052, 52",
        "Connect 52, 52",
        "'CONNECT \t 52 ', 52",
        "'CONNECT 52\r', 52"
    })
    void namesAPort(String line, long port) {
        assertEquals(port, port(line + "\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "52",
                "CONNECT",
                "CONNECT ",
                "CONNECT52",
                "CONNECTED 52",
                "CONNECT 52 53",
                "CONNECT -1",
                "CONNECT +1",
                "CONNECT 0x34",
                "CONNECT 5.2",
                "CONNECT 4294967295",
                "CONNECT 4294967348",
                "CONNECT 99999999999",
                "CONNECT ٣",
                "OK 52",
                "GET / HTTP/1.1",
                "\0CONNECT 52"
            })
    void isMalformed(String line) {
        assertEquals(ConnectLine.MALFORMED, port(line + "\n"));
    }

    @Test
    void endsWithItsFirstNewline() {
        byte[] received = "CONNECT 52\nhello\n".getBytes(ISO_8859_1);

        for (int count = 0; count < 11; count++) {
            assertEquals(ConnectLine.INCOMPLETE, ConnectLine.length(received, count));
        }
        for (int count = 11; count <= received.length; count++) {
            assertEquals(11, ConnectLine.length(received, count));
        }
    }

    @Test
    void hasAnEndWithinItsBytes() {
        byte[] received = new byte[ConnectLine.MAX_BYTES];
        assertEquals(ConnectLine.INCOMPLETE, ConnectLine.length(received, received.length - 1));
        assertEquals(ConnectLine.MALFORMED, ConnectLine.length(received, received.length));

        received[received.length - 1] = '\n';
        assertEquals(received.length, ConnectLine.length(received, received.length));
    }

    @Test
    void anyMutationIsAPortOrMalformed() {
        Random random = new Random(6);
        for (int i = 0; i < 20_000; i++) {
            byte[] line = "CONNECT 1073741824\n".getBytes(ISO_8859_1);
            for (int change = random.nextInt(3); change >= 0; change--) {
                line[random.nextInt(line.length)] = (byte) random.nextInt(256);
            }
            long port = ConnectLine.port(line, line.length);
            assertEquals(port, port == ConnectLine.MALFORMED ? -1 : Math.clamp(port, 0, 0xffff_fffeL));
        }
    }

    @Test
    void isAnsweredWithAPort() {
        assertArrayEquals("OK 1073741824\n".getBytes(ISO_8859_1), ConnectLine.answer(1 << 30));
        assertArrayEquals("OK 4294967294\n".getBytes(ISO_8859_1), ConnectLine.answer(-2));
    }
}
