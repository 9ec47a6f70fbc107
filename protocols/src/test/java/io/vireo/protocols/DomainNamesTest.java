package io.vireo.protocols;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainNamesTest {
    @Test
    void writesLabelsWithTheirLengthsAndTheRoot() {
        byte[] expected = Golden.bytes("03 656e67 07 6578616d706c65 03 636f6d 00  05 6c6f63616c 00");
        assertArrayEquals(expected, DomainNames.encode(List.of("eng.example.com", "local")));
        assertArrayEquals(expected, DomainNames.encode(List.of("eng.example.com.", "local.")));
        assertEquals(0, DomainNames.encode(List.of()).length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a..b", ".a", "a b", "-a", "a-", "b\u00fccher.example", "a.b..", "a\n"})
    void refusesWhatIsNoName(String name) {
        assertThrows(IllegalArgumentException.class, () -> DomainNames.encode(List.of(name)));
    }

    @Test
    void refusesTooLongLabelsAndNames() {
        String longest = "a".repeat(63);
        assertEquals(65, DomainNames.encode(List.of(longest)).length);
        assertThrows(IllegalArgumentException.class, () -> DomainNames.encode(List.of(longest + "a")));
        String name = String.join(".", longest, longest, longest, "a".repeat(61));
        assertEquals(255, DomainNames.encode(List.of(name)).length);
        assertThrows(IllegalArgumentException.class, () -> DomainNames.encode(List.of(name + "a")));
    }
}
