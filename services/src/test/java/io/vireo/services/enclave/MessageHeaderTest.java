package io.vireo.services.enclave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.services.enclave.VsockProtocolException.InvalidMagicBytesError;
import io.vireo.services.enclave.VsockProtocolException.InvalidTotalLengthError;
import io.vireo.services.enclave.VsockProtocolException.MessageTooLargeError;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageHeaderTest {
    @ParameterizedTest
    @CsvSource({"5, 56534f4b00000005", "1, 56534f4b00000001", "1048576, 56534f4b00100000"})
    void isTheseBytes(int length, String hex) throws VsockProtocolException {
        assertArrayEquals(bytes(hex), new MessageHeader(length).encode());
        assertEquals(new MessageHeader(length), MessageHeader.decode(bytes(hex)));
    }

    /** One of a wrong length too, as the magic bytes are looked at first. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "57534f4b00000005",
                "56534f4a00000005",
                "56534f4a00000000",
                "4b4f5356ffffffff",
                "56736f6b00000005"
            })
    void beginsWithTheMagicBytes(String hex) {
        InvalidMagicBytesError e = assertThrows(InvalidMagicBytesError.class, () -> MessageHeader.decode(bytes(hex)));
        assertEquals(Integer.parseUnsignedInt(hex.substring(0, 8), 16), e.magic());
    }

    @Test
    void isNotOfNothing() {
        assertThrows(InvalidTotalLengthError.class, () -> MessageHeader.decode(bytes("56534f4b00000000")));
        assertThrows(InvalidTotalLengthError.class, () -> MessageHeader.of(0));
    }

    @ParameterizedTest
    @CsvSource({
        "1048577, 56534f4b00100001",
        "2147483647, 56534f4b7fffffff",
        "2147483648, 56534f4b80000000",
        "4294967294, 56534f4bfffffffe",
        "4294967295, 56534f4bffffffff"
    })
    void isNotOfMoreThanOneMebibyte(long length, String hex) {
        MessageTooLargeError e = assertThrows(MessageTooLargeError.class, () -> MessageHeader.decode(bytes(hex)));
        assertEquals(length, e.length());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1_048_577})
    void isNeverMadeOfWhatIsNotAllowed(int length) {
        assertThrows(IllegalArgumentException.class, () -> new MessageHeader(length));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 9})
    void isEightBytes(int size) {
        assertThrows(IllegalArgumentException.class, () -> MessageHeader.decode(new byte[size]));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
