package io.vireo.harness.guests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private final Console console = new Console();

    @Test
    void findsWhatWasPrintedFromAPositionOn() throws Exception {
        collect("one two ");
        long from = console.position();
        collect("one three");
        assertEquals(8, from);
        assertEquals("one three", console.since(from));
        assertEquals(Optional.of("one three"), await("one t\\w+", from));
        assertEquals(Optional.of("one two"), await("one t\\w+", 0));
    }

    @Test
    void doesNotWaitForAGuestThatHasEnded() throws Exception {
        collect("the end");
        assertTrue(console.ended());
        assertEquals(Optional.empty(), await("more", 0));
    }

    @Test
    void bytesThatAreNotUtf8AreReplaced() {
        console.collect(new InputStreamReader(new ByteArrayInputStream(new byte[] {'a', (byte) 0xA5, 'b'}), UTF_8));
        assertEquals("a\uFFFDb", console.text());
    }

    @Test
    void forgetsTheBeginningOfEndlessOutput() throws Exception {
        String block = "0123456789abcdef".repeat(1 << 16);
        for (int i = 0; i < 17; i++) {
            collect(block);
        }
        collect("last");
        assertEquals(16 << 20, console.text().length());
        assertEquals(17L * (1 << 20) + 4, console.position());
        assertEquals("last", console.since(console.position() - 4));
        assertTrue(console.tail().endsWith("last"));
        assertEquals(Optional.of("last"), await("last", 0));
    }

    private void collect(String output) {
        console.collect(new InputStreamReader(new ByteArrayInputStream(output.getBytes(UTF_8)), UTF_8));
    }

    private Optional<String> await(String regex, long from) throws GuestException {
        return console.await(Pattern.compile(regex), from, Duration.ofSeconds(10))
                .map(MatchResult::group);
    }
}
