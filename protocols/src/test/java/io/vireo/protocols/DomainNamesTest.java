package io.vireo.protocols;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainNamesTest {
    @Test
    void writesLabelsWithTheirLengthsAndTheRoot() {
        assertArrayEquals(
                Golden.bytes("03 656e67 07 6578616d706c65 03 636f6d 00  05 6c6f63616c 00"),
                DomainNames.encode(List.of("eng.example.com", "local")));
        assertEquals(0, DomainNames.encode(List.of()).length);
        assertThrows(IllegalArgumentException.class, () -> DomainNames.encode(List.of("local", "a..b")));
    }

    /** The example of RFC 3397 section 2. */
    @Test
    void compressesAsTheExampleDoes() {
        assertArrayEquals(
                Golden.bytes("03656e67 056170706c65 03636f6d 00" + "096d61726b6574696e67 c004"),
                DomainNames.searchList(List.of("eng.apple.com", "marketing.apple.com")));
    }

    @Test
    void writesANameAgainAsAPointer() {
        assertArrayEquals(
                Golden.bytes("016101620163 00 c000 c002 c004"),
                DomainNames.searchList(List.of("a.b.c", "a.b.c", "b.c", "c")));
    }

    /** A pointer has 14 bits: what lies beyond is written out. */
    @Test
    void pointsNowhereItCannotReach() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            names.add("%060d".formatted(i));
        }
        names.addAll(Collections.nCopies(2, "end"));
        byte[] list = DomainNames.searchList(names);
        assertEquals(300 * 62 + 2 * 5, list.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "example.org", "xn--bcher-kva.example", "_tcp.example", "1.2", "A-b"})
    void acceptsDomainNames(String name) {
        assertDoesNotThrow(() -> DomainNames.require(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "example.org.", ".org", "a..b", "-a", "a-", "a b", "b\u00fccher", "a/b", "a\n"})
    void refusesWhatIsNone(String name) {
        String message = assertThrows(IllegalArgumentException.class, () -> DomainNames.require(name))
                .getMessage();
        assertEquals("\"" + name + "\" is not a domain name", message);
    }

    @Test
    void knowsTheLimits() {
        String label = "a".repeat(63);
        String longest = String.join(".", label, label, label, "a".repeat(61));
        assertTrue(longest.length() == 253);
        assertDoesNotThrow(() -> DomainNames.require(longest));
        assertThrows(IllegalArgumentException.class, () -> DomainNames.require(longest + "a"));
        assertThrows(IllegalArgumentException.class, () -> DomainNames.require(label + "a"));
    }
}
