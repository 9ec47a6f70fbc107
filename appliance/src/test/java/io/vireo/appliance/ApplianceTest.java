package io.vireo.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.appliance.config.GuestServices;
import io.vireo.appliance.config.Host;
import io.vireo.linux.User;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An appliance without guests: what it makes on the host, and that it takes it away again. */
@Timeout(60)
class ApplianceTest {
    @TempDir
    Path folder;

    @Test
    void everySocketListensOnceItHasStarted() throws Exception {
        try (Appliance appliance = Appliance.start(config())) {
            assertTrue(appliance.router().counters().keySet().containsAll(List.of("vm1", "vm2")));
            assertListens(socket("vm1.sock"));
            assertListens(socket("vm2.sock"));
        }
    }

    @Test
    void makesTheRuntimeDirectoryForOwnerAndGroup() throws Exception {
        try (Appliance appliance = Appliance.start(config())) {
            assertEquals("rwxr-x---", mode(TestConfig.runtimeDir(folder)));
        }
    }

    @Test
    void leavesARuntimeDirectoryAsItIs() throws Exception {
        Path directory = Files.createDirectory(TestConfig.runtimeDir(folder));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));

        try (Appliance appliance = Appliance.start(config())) {
            assertEquals("rwx--x--x", mode(directory));
        }
        assertTrue(Files.isDirectory(directory));
    }

    @ParameterizedTest
    @ValueSource(ints = {0600, 0660, 0777})
    void givesSocketsTheirMode(int mode) throws Exception {
        ApplianceConfig read = config();
        ApplianceConfig config = new ApplianceConfig(
                read.runtimeDir(),
                read.stateDir(),
                mode,
                OptionalInt.empty(),
                Optional.empty(),
                read.router(),
                List.of(),
                GuestServices.NONE);

        try (Appliance appliance = Appliance.start(config)) {
            for (String socket : new String[] {"vm1.sock", "vm2.sock"}) {
                int actual = (int) Files.getAttribute(socket(socket), "unix:mode") & 0777;
                assertEquals(Integer.toOctalString(mode), Integer.toOctalString(actual));
            }
        }
    }

    @Test
    void givesSocketsAndDirectoryTheirGroup() throws Exception {
        // Root may give them to any group, everybody else to a group of their own.
        int own = (int) Files.getAttribute(folder, "unix:gid");
        int group = Host.local().userId() == 0 ? own + 1 : own;
        ApplianceConfig read = config();
        ApplianceConfig config = new ApplianceConfig(
                read.runtimeDir(),
                read.stateDir(),
                0660,
                OptionalInt.of(group),
                Optional.empty(),
                read.router(),
                List.of(),
                GuestServices.NONE);

        try (Appliance appliance = Appliance.start(config)) {
            assertEquals(group, Files.getAttribute(TestConfig.runtimeDir(folder), "unix:gid"));
            assertEquals(group, Files.getAttribute(socket("vm1.sock"), "unix:gid"));
            assertEquals(group, Files.getAttribute(socket("vm2.sock"), "unix:gid"));
        }
    }

    @Test
    void givesItsDirectoriesToTheUserThatItBecomes() throws Exception {
        // Root may give them to anybody, everybody else to themselves.
        int own = Host.local().userId();
        User user = new User("vireo", own == 0 ? 987 : own, 0, List.of(0));
        ApplianceConfig read = config();
        ApplianceConfig config = new ApplianceConfig(
                read.runtimeDir(),
                read.stateDir(),
                0660,
                OptionalInt.empty(),
                Optional.of(user),
                read.router(),
                List.of(),
                GuestServices.NONE);

        try (Appliance appliance = Appliance.start(config)) {
            assertEquals(user.id(), Files.getAttribute(read.runtimeDir(), "unix:uid"));
            assertEquals(user.id(), Files.getAttribute(read.stateDir(), "unix:uid"));
        }
    }

    @Test
    void removesItsSocketsWhenClosed() throws Exception {
        Appliance appliance = Appliance.start(config());

        appliance.close();

        assertNothingLeft();
        appliance.close(); // once more is once
    }

    @Test
    void startsAgainAfterItsEnd() throws Exception {
        Appliance.start(config()).close();

        try (Appliance appliance = Appliance.start(config())) {
            assertListens(socket("vm1.sock"));
        }
    }

    @Test
    void takesThePlaceOfAStaleSocket() throws Exception {
        Path socket = Files.createDirectory(TestConfig.runtimeDir(folder)).resolve("vm1.sock");
        try (ServerSocketChannel gone = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            gone.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThrows(ConnectException.class, () -> assertListens(socket));

        try (Appliance appliance = Appliance.start(config())) {
            assertListens(socket);
        }
    }

    @Test
    void leavesNothingBehindWhenASocketCannotBeMade() throws Exception {
        ApplianceConfig config = config();
        Path inTheWay = Files.createDirectory(TestConfig.runtimeDir(folder)).resolve("vm2.sock");
        Files.createFile(inTheWay);

        IOException e = assertThrows(IOException.class, () -> Appliance.start(config));

        assertTrue(String.valueOf(e.getMessage()).contains(inTheWay + " exists and is no socket"), e::getMessage);
        assertFalse(Files.exists(socket("vm1.sock")));
        assertTrue(Files.isRegularFile(inTheWay));
    }

    private ApplianceConfig config() throws Exception {
        return ApplianceConfig.toStart(TestConfig.write(folder), Host.local());
    }

    private Path socket(String name) {
        return TestConfig.runtimeDir(folder).resolve(name);
    }

    private static void assertListens(Path socket) throws IOException {
        try (SocketChannel frontend = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            assertTrue(frontend.isConnected());
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private void assertNothingLeft() throws IOException {
        try (Stream<Path> left = Files.list(TestConfig.runtimeDir(folder))) {
            assertEquals(0, left.count());
        }
    }
}
