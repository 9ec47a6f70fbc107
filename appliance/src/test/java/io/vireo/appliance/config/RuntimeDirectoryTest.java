package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the runtime directory is, and which ones are refused when an appliance is to be started. */
class RuntimeDirectoryTest {
    private static final String ALLOWED = "; allowed: an absolute path of a directory that is writable or can be made";
    private static final int NOBODY = 65534;

    /** Of this process, as it is the owner of what tests make. */
    private static final int USER = Host.local().userId();

    private static final String UNSAID = Example.with("runtime-dir: /run/vireo", "# no runtime-dir");

    @TempDir
    Path folder;

    @Test
    void isInRunForRoot() throws Exception {
        FakeHost root = FakeHost.PLAIN.withVariable("XDG_RUNTIME_DIR", "/run/user/0");

        assertEquals(Path.of("/run/vireo"), runtimeDir(root));
    }

    @Test
    void isInTheSessionsDirectoryForAUser() throws Exception {
        FakeHost user = FakeHost.PLAIN.withUser(1000).withVariable("XDG_RUNTIME_DIR", "/run/user/1000");

        assertEquals(Path.of("/run/user/1000/vireo"), runtimeDir(user));
    }

    @Test
    void isAmongTheTemporaryFilesWithoutASession() throws Exception {
        Path expected = Path.of(System.getProperty("java.io.tmpdir"), "vireo-1000");
        FakeHost user = FakeHost.PLAIN.withUser(1000);

        assertEquals(expected, runtimeDir(user));
        assertEquals(expected, runtimeDir(user.withVariable("XDG_RUNTIME_DIR", "")));
        assertEquals(expected, runtimeDir(user.withVariable("XDG_RUNTIME_DIR", "run/user/1000")));
    }

    @Test
    void mayBeMissingAndIsNotMadeByReading() throws Exception {
        Path directory = folder.resolve("run");

        assertEquals(directory, toStart(directory).runtimeDir());
        assertFalse(Files.exists(directory));
    }

    @Test
    void mayBeThere() throws Exception {
        assertEquals(folder, toStart(folder).runtimeDir());
    }

    @Test
    void mayBeReachedOverALink() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Files.createDirectory(folder.resolve("run")));

        assertEquals(link, toStart(link).runtimeDir());
    }

    @Test
    void isNotMadeWithItsParents() throws IOException {
        Path parent = folder.resolve("none");

        assertEquals(
                "FILE:1: runtime-dir: there is no directory " + parent + " to make it in" + ALLOWED,
                refusal(parent.resolve("run")));
    }

    @Test
    void isNoFile() throws IOException {
        Path file = Files.createFile(folder.resolve("run"));

        assertEquals("FILE:1: runtime-dir: " + file + " is not a directory" + ALLOWED, refusal(file));
    }

    @Test
    void isNoLinkToNowhere() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("none"));

        assertEquals("FILE:1: runtime-dir: " + link + " is not a directory" + ALLOWED, refusal(link));
    }

    @Test
    void isNotWritableForEverybody() throws IOException {
        Path directory = Files.createDirectory(folder.resolve("run"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertEquals("FILE:1: runtime-dir: " + directory + " is writable for everybody" + ALLOWED, refusal(directory));
    }

    @Test
    void isNobodyElses() throws IOException {
        Path directory = Files.createDirectory(folder.resolve("run"));
        int owner = USER;
        if (USER == 0) { // whose directories everybody accepts
            owner = NOBODY;
            Files.setAttribute(directory, "unix:uid", owner);
        }
        FakeHost other = FakeHost.PLAIN.withUser(owner + 1);

        assertEquals(
                "FILE:1: runtime-dir: " + directory + " belongs to another user, " + owner + ALLOWED,
                refusal(directory, other));
    }

    @Test
    void belongsToTheUserThatItIsFor() throws Exception {
        Path directory = Files.createDirectory(folder.resolve("run"));
        Path file = Example.write(
                Example.with("runtime-dir: /run/vireo", "user: vireo\nruntime-dir: " + directory), folder);

        assertEquals(
                "FILE:2: runtime-dir: " + directory + " belongs to user " + USER + " and must be vireo's: chown vireo "
                        + directory + ALLOWED,
                Example.problems(
                        file,
                        assertThrows(ConfigException.class, () -> ApplianceConfig.toStart(file, FakeHost.PLAIN))));

        if (USER == 0) { // who alone can give it away
            Files.setAttribute(directory, "unix:uid", FakeHost.VIREO.id());
            assertEquals(
                    directory, ApplianceConfig.toStart(file, FakeHost.PLAIN).runtimeDir());
        }
    }

    @Test
    void isWritable() throws Exception {
        Path directory = Files.createDirectory(folder.resolve("run"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-xr-x---"));

        if (USER == 0) { // to whom modes do not apply
            assertEquals(directory, toStart(directory).runtimeDir());
            return;
        }
        assertEquals("FILE:1: runtime-dir: " + directory + " is not writable" + ALLOWED, refusal(directory));
        assertEquals(
                "FILE:1: runtime-dir: there is no such directory, and " + directory + " is not writable" + ALLOWED,
                refusal(directory.resolve("vireo")));
    }

    @Test
    void theDefaultIsCheckedLikeAnyOther() throws IOException {
        Path sessions = folder.resolve("none");
        Path file = Example.write(UNSAID, folder);
        FakeHost user = FakeHost.PLAIN.withUser(1000).withVariable("XDG_RUNTIME_DIR", sessions.toString());

        ConfigException e = assertThrows(ConfigException.class, () -> ApplianceConfig.toStart(file, user));

        assertEquals(
                "FILE:1: runtime-dir: there is no directory " + sessions + " to make it in" + ALLOWED,
                Example.problems(file, e));
    }

    private Path runtimeDir(Host host) throws Exception {
        return ApplianceConfig.read(Example.write(UNSAID, folder), host).runtimeDir();
    }

    private ApplianceConfig toStart(Path runtimeDir) throws Exception {
        return ApplianceConfig.toStart(write(runtimeDir), FakeHost.PLAIN.withUser(USER));
    }

    private String refusal(Path runtimeDir) throws IOException {
        return refusal(runtimeDir, FakeHost.PLAIN.withUser(USER));
    }

    private String refusal(Path runtimeDir, Host host) throws IOException {
        Path file = write(runtimeDir);
        return Example.problems(file, assertThrows(ConfigException.class, () -> ApplianceConfig.toStart(file, host)));
    }

    private Path write(Path runtimeDir) throws IOException {
        return Example.write(Example.with("runtime-dir: /run/vireo", "runtime-dir: " + runtimeDir), folder);
    }
}
