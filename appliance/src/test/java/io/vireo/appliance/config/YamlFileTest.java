package io.vireo.appliance.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that are refused before any key of theirs is looked at. */
class YamlFileTest {
    private static final String TOP_KEYS =
            "runtime-dir, state-dir, socket-mode, socket-group, reactors, idle, uplink, user, tpm, services, networks, guests";
    private static final String ONE_DOCUMENT = "; allowed: one YAML 1.2 document";
    private static final String READABLE = "; allowed: a readable file of at most 1048576 bytes";

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource
    void refuses(String text, String problem) throws IOException {
        assertEquals(problem, Example.problems(text, folder));
    }

    static Stream<Arguments> refuses() {
        return Stream.of(
                Arguments.of("", "FILE:1: the file is empty; allowed: " + TOP_KEYS),
                Arguments.of("# nothing\n", "FILE:1: the file is empty; allowed: " + TOP_KEYS),
                Arguments.of("\n\nhello", "FILE:3: is the text \"hello\"; allowed: a mapping of the keys " + TOP_KEYS),
                Arguments.of("- a", "FILE:1: is a list; allowed: a mapping of the keys " + TOP_KEYS),
                Arguments.of(
                        Example.TEXT + "---\n" + Example.TEXT, "FILE:18: a second document begins here" + ONE_DOCUMENT),
                Arguments.of(
                        "networks: &n []\nguests: *n",
                        "FILE:1: anchors and aliases (& and *) are not supported; allowed: values written out"),
                Arguments.of(
                        "reactors: 1\nguests: *n",
                        "FILE:2: anchors and aliases (& and *) are not supported; allowed: values written out"),
                Arguments.of(
                        "reactors: 1\nguests: [[[[[[[[]]]]]]]]",
                        "FILE:2: lists and mappings are nested too deeply; allowed: a depth of at most 8"),
                Arguments.of(
                        "a: 1\nb: \"\u0007\"", "FILE:2: contains the character U+0007; allowed: printable characters"),
                Arguments.of("a: [1\n", "FILE:2: not YAML: expected ',' or ']', but got <stream end>" + ONE_DOCUMENT),
                Arguments.of(
                        "a: 1\n\tb: 2",
                        "FILE:2: not YAML: found character '\\t(TAB)' that cannot start any token."
                                + " (Do not use \\t(TAB) for indentation)" + ONE_DOCUMENT));
    }

    @ParameterizedTest
    @MethodSource
    void refusesWhatAParserCouldStumbleOver(String text) throws IOException {
        assertTrue(Example.problems(text, folder).startsWith("FILE:1: "));
    }

    static Stream<String> refusesWhatAParserCouldStumbleOver() {
        return Stream.of(
                "a: \"\\UFFFFFFFF\"",
                "a: \"\\U00110000\"",
                "runtime-dir: \"\\uD800\"",
                "runtime-dir: \"/a\\0b\"",
                "%YAML 1.99999999999\n--- a",
                "%YAML 9.9\n--- a",
                "!%FF a",
                "!<%ZZ> a",
                "<<: {a: 1}",
                "? ? ? a",
                "reactors: !!int one",
                "reactors: !!int 0x",
                "!!str {a: 1}",
                "a".repeat(100_000) + ": 1",
                "[".repeat(1 << 20),
                "{".repeat(1 << 20),
                "? ".repeat(1 << 19),
                "- ".repeat(1 << 19),
                "a: |99999999999\n b");
    }

    @Test
    void refusesBytesThatAreNotUtf8() throws IOException {
        Path file = Files.write(folder.resolve("vireo.yaml"), "reactors: 1\n# caf\u00e9\n".getBytes(ISO_8859_1));

        assertEquals("FILE:2: contains bytes that are not UTF-8; allowed: UTF-8", refusal(file));
    }

    @Test
    void refusesACharacterThatTheFileEndsWithin() throws IOException {
        Path file = Files.write(folder.resolve("vireo.yaml"), new byte[] {'a', ':', '\n', (byte) 0xE2, (byte) 0x82});

        assertEquals("FILE:2: contains bytes that are not UTF-8; allowed: UTF-8", refusal(file));
    }

    @Test
    void takesAMebibyteAndNoMore() throws IOException {
        String padding = "#".repeat((1 << 20) - Example.TEXT.length());
        assertDoesNotThrow(() -> Example.read(Example.TEXT + padding, folder));

        assertEquals(
                "FILE:1: the file is larger than 1048576 bytes" + READABLE,
                Example.problems(Example.TEXT + padding + "#", folder));
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertEquals("FILE:1: there is no such file" + READABLE, refusal(folder.resolve("none.yaml")));
    }

    @Test
    void refusesADirectory() {
        assertEquals("FILE:1: cannot be read: Is a directory" + READABLE, refusal(folder));
    }

    @Test
    void refusesAFileThatMayNotBeRead() throws IOException {
        Path file = Example.write("nonsense: 1", folder);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-wx------"));

        boolean root = Host.local().userId() == 0; // who may read everything, and so gets further
        assertEquals(!root, refusal(file).equals("FILE:1: may not be read" + READABLE));
        assertEquals(root, refusal(file).contains("nonsense: unknown key"));
    }

    @Test
    void showsNothingThatATerminalTakesForACommand() throws IOException {
        String hostile = "\"\\e[2J\\u202Ered\\u0085\\nnext\": 1";

        assertEquals(
                "FILE:1: ?[2J?red? next: unknown key; allowed: " + TOP_KEYS,
                Example.problems(hostile, folder).lines().findFirst().orElseThrow());
    }

    @Test
    void boundsTheLengthOfAMessage() throws IOException {
        String longest = Example.problems("? \"" + "x".repeat(100_000) + "\"\n: 1", folder)
                .lines()
                .findFirst()
                .orElseThrow();

        assertTrue(longest.length() <= 600, () -> longest.length() + " characters");
    }

    private static String refusal(Path file) {
        return Example.problems(
                file, assertThrows(ConfigException.class, () -> ApplianceConfig.read(file, FakeHost.PLAIN)));
    }
}
