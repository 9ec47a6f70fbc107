package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.appliance.config.Example.Rule;
import io.vireo.appliance.config.Host.SocketState;
import io.vireo.vhostuser.backend.VhostUserSocket;
import io.vireo.vsock.host.VsockGuest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a guest may have of vsock. */
class VsockKeysTest {
    private static final String FIRST = "vsock: {cid: 33, socket: a/dev.sock, mode: client, uds: a.vsock, group: lab}";
    private static final String SECOND = "vsock: {cid: 4294967294}";
    private static final String THIRD = "- {name: c, network: n, mac: \"52:54:00:12:34:03\"}";
    private static final String KEYS = "; allowed: cid, socket, mode, uds, group";
    private static final String MAPPING = "; allowed: a mapping of the keys cid, socket, mode, uds, group";
    private static final String CID = "; allowed: an integer, 3 to 4294967294, unique";
    private static final String SOCKET =
            "; allowed: a path of at most 107 bytes when absolute, in an existing directory, "
                    + "unique, free or a stale socket";
    private static final String UDS = SOCKET.replace("107", "96");
    private static final String GROUP = "; allowed: 1 to 63 of A-Z a-z 0-9 . _ - beginning with a letter or digit";
    private static final String ONCE = "; allowed: each once";
    private static final String OUT_OF_REACH =
            " is a port of the guest whose uds is on line 13; allowed: a path that is not that of a uds, an underscore and digits";

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource({"forms", "cids", "paths", "modes", "groups", "twice", "ports"})
    void refuses(Rule rule) throws IOException {
        rule.requireRefused(Example.VSOCK, folder);
    }

    static Stream<Rule> forms() {
        return Stream.of(
                first("33", ": is the integer 33" + MAPPING),
                first("", ": is empty" + MAPPING),
                first("[]", ": is a list" + MAPPING),
                first("{cid: 33, port: 5}", ".port: unknown key" + KEYS),
                first("{cid: 33, sockets: a}", ".sockets: unknown key, did you mean \"socket\"?" + KEYS),
                first("{uds: a.vsock}", ".cid: is missing" + CID));
    }

    static Stream<Rule> cids() {
        String range = " is not within 3 to 4294967294";
        return Stream.of(
                cid("-1", "-1" + range),
                cid("0", "0" + range),
                cid("1", "1" + range),
                cid("2", "2" + range),
                cid("4294967295", "4294967295" + range),
                cid("4294967329", "4294967329" + range),
                cid("18446744073709551649", "18446744073709551649" + range),
                cid("\"33\"", "is the text \"33\""),
                cid("33.0", "is the value 33.0 of type tag:yaml.org,2002:float"),
                cid("host", "is the text \"host\""),
                cid("", "is empty"));
    }

    private static Rule cid(String is, String problem) {
        return first("{cid: " + is + "}", ".cid: " + problem + CID);
    }

    static Stream<Rule> paths() {
        String long108 = "/" + "s".repeat(107);
        String long97 = "/" + "u".repeat(96);
        return Stream.of(
                first("{cid: 33, socket: \"\"}", ".socket: /run/vireo is a directory" + SOCKET),
                first("{cid: 33, socket: [a]}", ".socket: is a list" + SOCKET),
                first(
                        "{cid: 33, socket: " + long108 + "}",
                        ".socket: socket path " + long108 + " has 108 bytes when absolute, more than 107" + SOCKET),
                first("{cid: 33, uds: \"a\\0\"}", ".uds: Nul character not allowed: a?" + UDS),
                first("{cid: 33, uds: /}", ".uds: / is a directory" + UDS),
                first(
                        "{cid: 33, uds: " + long97 + "}",
                        ".uds: socket path " + long97
                                + " has 97 bytes when absolute, more than 96, as ports are appended to it" + UDS));
    }

    static Stream<Rule> modes() {
        String allowed = "; allowed: server, where the guest's VMM connects, or client, where it listens";
        return Stream.of(
                first("{cid: 33, mode: Client}", ".mode: unknown: Client" + allowed),
                first("{cid: 33, mode: [client]}", ".mode: is a list" + allowed));
    }

    static Stream<Rule> groups() {
        String pattern = " does not match [A-Za-z0-9][A-Za-z0-9._-]{0,62}";
        return Stream.of(
                first("{cid: 33, group: \"\"}", ".group: \"\"" + pattern + GROUP),
                first("{cid: 33, group: -lab}", ".group: \"-lab\"" + pattern + GROUP),
                first("{cid: 33, group: 1}", ".group: is the integer 1, not text (write it in quotes)" + GROUP),
                first("{cid: 33, group: [a, b]}", ".group: is a list" + GROUP));
    }

    static Stream<Rule> twice() {
        return Stream.of(
                second("{cid: 33}", ".cid: 33 is there already, on line 13" + ONCE),
                second("{cid: 34, socket: a.sock}", ".socket: /run/vireo/a.sock is there already, on line 10" + ONCE),
                second("{cid: 34, socket: a.vsock}", ".socket: /run/vireo/a.vsock is there already, on line 13" + ONCE),
                second("{cid: 34, uds: ./a.vsock}", ".uds: /run/vireo/a.vsock is there already, on line 13" + ONCE),
                second(
                        "{cid: 34, uds: a/../a/dev.sock}",
                        ".uds: /run/vireo/a/dev.sock is there already, on line 13" + ONCE),
                second(
                        "{cid: 34, socket: b.vsock, uds: b.vsock}",
                        ".uds: /run/vireo/b.vsock is there already, on line 17" + ONCE));
    }

    static Stream<Rule> ports() {
        return Stream.of(
                second("{cid: 34, uds: a.vsock_52}", ".uds: /run/vireo/a.vsock_52" + OUT_OF_REACH),
                second("{cid: 34, socket: a.vsock_52}", ".socket: /run/vireo/a.vsock_52" + OUT_OF_REACH),
                first("{cid: 33, uds: b, socket: b_7}", ".socket: /run/vireo/b_7" + OUT_OF_REACH),
                new Rule(
                        THIRD,
                        THIRD.replace("}", ", socket: a.vsock_0}"),
                        "FILE:18: guests[2].socket: /run/vireo/a.vsock_0" + OUT_OF_REACH));
    }

    private static Rule first(String is, String problem) {
        return new Rule(FIRST, "vsock: " + is, "FILE:13: guests[0].vsock" + problem);
    }

    private static Rule second(String is, String problem) {
        return new Rule(SECOND, "vsock: " + is, "FILE:17: guests[1].vsock" + problem);
    }

    @Test
    void readsEveryKeyAndDefaults() throws Exception {
        VsockGuest a = new VsockGuest(
                "a",
                33,
                VhostUserSocket.client(Path.of("/run/vireo/a/dev.sock")),
                Optional.of(Path.of("/run/vireo/a.vsock")),
                Optional.of("lab"));
        VsockGuest b = new VsockGuest(
                "b",
                -2,
                VhostUserSocket.server(Path.of("/run/vireo/b-vsock.sock")),
                Optional.empty(),
                Optional.empty());

        assertEquals(List.of(a, b), Example.read(Example.VSOCK, folder).vsock());
    }

    @Test
    void noGuestNeedsIt() throws Exception {
        assertEquals(List.of(), Example.read(Example.TEXT, folder).vsock());
    }

    @ParameterizedTest
    @CsvSource({"LIVE, is in use by another process", "NOT_A_SOCKET, exists and is no socket"})
    void socketsMustBeFreeToStart(SocketState state, String problem) throws IOException {
        requireRefused("socket: v.sock", ".socket", folder.resolve("v.sock"), state, problem + SOCKET);
        requireRefused("uds: v.sock", ".uds", folder.resolve("v.sock"), state, problem + UDS);
    }

    private void requireRefused(String key, String place, Path socket, SocketState state, String problem)
            throws IOException {
        String text = Example.replace(Example.VSOCK, FIRST, "vsock: {cid: 33, " + key + "}")
                .replace("/run/vireo", folder.toString());
        Path file = Example.write(text, folder);
        FakeHost host = FakeHost.PLAIN.withUser(Host.local().userId()).withSocket(socket, state);

        assertEquals(
                "FILE:13: guests[0].vsock" + place + ": " + socket + " " + problem,
                Example.problems(file, assertThrows(ConfigException.class, () -> ApplianceConfig.toStart(file, host))));
    }

    @Test
    void directoriesOfSocketsMustBeThereToStart() throws IOException {
        String text = Example.VSOCK.replace("/run/vireo", folder.toString()).replace("uds: a.", "uds: none/a.");
        Path file = Example.write(text, folder);
        FakeHost host = FakeHost.PLAIN.withUser(Host.local().userId());

        assertEquals(
                "FILE:13: guests[0].vsock.socket: there is no directory " + folder + "/a" + SOCKET
                        + "\nFILE:13: guests[0].vsock.uds: there is no directory " + folder + "/none" + UDS,
                Example.problems(file, assertThrows(ConfigException.class, () -> ApplianceConfig.toStart(file, host))));
    }
}
