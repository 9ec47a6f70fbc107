package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the state directory is, and that it is checked as the runtime directory is. */
class StateDirectoryTest {
    private static final String ALLOWED =
            "; allowed: an absolute path of a directory that is writable or can be made, no other Vireo's";
    private static final FakeHost USER = FakeHost.PLAIN.withUser(1000);

    @TempDir
    Path folder;

    @Test
    void isInVarLibForRoot() throws Exception {
        assertEquals(Path.of("/var/lib/vireo"), stateDir(FakeHost.PLAIN.withVariable("XDG_STATE_HOME", "/state")));
    }

    @Test
    void isInTheStateHomeOfAUser() throws Exception {
        assertEquals(Path.of("/state/vireo"), stateDir(USER.withVariable("XDG_STATE_HOME", "/state")));
    }

    @Test
    void isInTheHomeOfAUserThatHasAPlaceForState() throws Exception {
        Path state = Files.createDirectories(folder.resolve(".local/state"));

        assertEquals(state.resolve("vireo"), stateDir(USER.withVariable("HOME", folder.toString())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"XDG_STATE_HOME=", "XDG_STATE_HOME=state", "HOME=", "HOME=/nonexistent", "OTHER=/"})
    void isTheRuntimeDirectoryOtherwise(String variable) throws Exception {
        String[] parts = variable.split("=", -1);

        assertEquals(Path.of("/run/vireo"), stateDir(USER.withVariable(parts[0], parts[1])));
    }

    @Test
    void isWhereItIsSaid() throws Exception {
        ApplianceConfig config = ApplianceConfig.read(Example.write(text("/srv/a/../state/."), folder), FakeHost.PLAIN);

        assertEquals(Path.of("/srv/state"), config.stateDir());
        assertEquals(
                Optional.of(Path.of("/srv/state/leases.journal")),
                config.router().leases());
    }

    @Test
    void isAnAbsolutePath() throws IOException {
        assertEquals(
                "FILE:2: state-dir: state is not an absolute path" + ALLOWED, Example.problems(text("state"), folder));
    }

    @Test
    void mayBeMissingAndIsNotMadeByReading() throws Exception {
        Path directory = folder.resolve("state");

        assertEquals(directory, toStart(text(directory.toString()), USER).stateDir());
        assertFalse(Files.exists(directory));
    }

    @Test
    void isNotMadeWithItsParents() throws IOException {
        Path directory = folder.resolve("a/state");

        assertEquals(
                "FILE:2: state-dir: there is no directory " + folder.resolve("a") + " to make it in" + ALLOWED,
                problemsToStart(text(directory.toString()), USER));
    }

    @Test
    void theDefaultIsCheckedLikeAnyOther() throws IOException {
        String text = text("/srv").replace("state-dir: /srv\n", "");

        assertEquals(
                "FILE:1: state-dir: there is no directory /nonexistent to make it in" + ALLOWED,
                problemsToStart(text, USER.withVariable("XDG_STATE_HOME", "/nonexistent")));
    }

    private Path stateDir(FakeHost host) throws Exception {
        return ApplianceConfig.read(Example.write(Example.TEXT, folder), host).stateDir();
    }

    /** A runtime directory that can be started with, and a state directory. */
    private String text(String stateDir) {
        return Example.with(
                "runtime-dir: /run/vireo", "runtime-dir: " + folder.resolve("run") + "\nstate-dir: " + stateDir);
    }

    private ApplianceConfig toStart(String text, FakeHost host) throws Exception {
        return ApplianceConfig.toStart(Example.write(text, folder), host);
    }

    private String problemsToStart(String text, FakeHost host) throws IOException {
        Path file = Example.write(text, folder);
        return Example.problems(file, assertThrows(ConfigException.class, () -> ApplianceConfig.toStart(file, host)));
    }
}
