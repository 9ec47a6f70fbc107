package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom the appliance may become. */
class UserRulesTest {
    private static final String ALLOWED =
            "; allowed: name or number of an existing user other than root, and root to start it";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "user: nobodys|there is no user nobodys",
                "user: \"12\"|there is no user 12",
                "user: root|root is root",
                "user: \"0\"|0 is root",
                "user: 987|is the integer 987, not text (write it in quotes)",
                "user:|is empty",
                "user: [vireo]|is a list"
            })
    void refuses(String user, String problem) throws IOException {
        assertEquals("FILE:4: user: " + problem + ALLOWED, Example.problems(Example.with("reactors: 1", user), folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"user: vireo", "user: \"987\""})
    void findsAUserByNameAndByNumber(String user) throws Exception {
        assertEquals(
                Optional.of(FakeHost.VIREO),
                Example.read(Example.with("reactors: 1", user), folder).user());
    }

    @Test
    void staysWhoItIsUnlessItIsSaid() throws Exception {
        assertEquals(Optional.empty(), Example.read(Example.TEXT, folder).user());
    }

    @Test
    void onlyRootCanBecomeAnother() throws Exception {
        Path file = write("user: vireo");
        FakeHost other = FakeHost.PLAIN.withUser((int) Files.getAttribute(folder, "unix:uid") + 1);

        assertEquals(
                Optional.of(FakeHost.VIREO), ApplianceConfig.read(file, other).user());
        assertEquals(
                "FILE:4: user: only root can become vireo" + ALLOWED,
                Example.problems(file, assertThrows(ConfigException.class, () -> ApplianceConfig.toStart(file, other)))
                        .lines()
                        .filter(line -> line.contains(": user: "))
                        .findFirst()
                        .orElse("nothing"));
    }

    private Path write(String user) throws IOException {
        String text = Example.with("reactors: 1", user).replace("/run/vireo", folder.toString());
        return Example.write(text, folder);
    }
}
