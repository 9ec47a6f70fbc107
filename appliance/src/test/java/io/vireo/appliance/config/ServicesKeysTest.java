package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.appliance.config.Example.Rule;
import io.vireo.services.migtd.MigTdConfig;
import io.vireo.services.migtd.MigTdFraming;
import io.vireo.services.tpm.TpmAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The TPM, and the services that guests reach over vsock. */
class ServicesKeysTest {
    private static final String TPM = "tpm: {unix: /run/swtpm.sock}";
    private static final String ENCLAVE = "enclave: {port: 5001}";
    private static final String VCOMLINK = "vcomlink: {port: 2001}";
    private static final String MIGTD = "migtd: {port: 1236, connect: \"192.0.2.1:9001\", framing: packet}";
    private static final String UNIX = "; allowed: an absolute path of at most 107 bytes";
    private static final String DEVICE = "; allowed: an absolute path, such as /dev/tpmrm0";
    private static final String PORT = "; allowed: an integer, 1 to 4294967294, no other service's";
    private static final String TCP = "; allowed: host and port, such as \"192.0.2.1:9001\" or \"[2001:db8::1]:9001\"";
    private static final String FRAMING = "; allowed: native, packet or raw";
    private static final String ONCE = "; allowed: each once";

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource({"tpms", "forms", "ports", "relays", "addresses"})
    void refuses(Rule rule) throws IOException {
        rule.requireRefused(Example.VSOCK, folder);
    }

    static Stream<Rule> tpms() {
        String long108 = "/" + "s".repeat(107);
        return Stream.of(
                tpm("/dev/tpmrm0", ": is the text \"/dev/tpmrm0\"; allowed: a mapping of the keys unix, device"),
                tpm("{}", ": has none of the keys unix, device; allowed: one of them"),
                tpm("{unix: /a, device: /b}", ": has more than one of the keys unix, device; allowed: one of them"),
                tpm(
                        "{tcp: a}",
                        ".tcp: unknown key; allowed: unix, device\n"
                                + "FILE:2: tpm: has none of the keys unix, device; allowed: one of them"),
                tpm("{unix: swtpm.sock}", ".unix: swtpm.sock is not an absolute path" + UNIX),
                tpm("{unix: 1}", ".unix: is the integer 1, not text (write it in quotes)" + UNIX),
                tpm(
                        "{unix: " + long108 + "}",
                        ".unix: socket path " + long108 + " has 108 bytes when absolute, more than 107" + UNIX),
                tpm("{device: tpmrm0}", ".device: tpmrm0 is not an absolute path" + DEVICE),
                tpm("{device: []}", ".device: is a list" + DEVICE));
    }

    private static Rule tpm(String is, String problem) {
        return new Rule(TPM, "tpm: " + is, "FILE:2: tpm" + problem);
    }

    static Stream<Rule> forms() {
        return Stream.of(
                new Rule(
                        ENCLAVE,
                        "enclaves: {port: 5001}",
                        "FILE:4: services.enclaves: unknown key, did you mean \"enclave\"?; allowed: enclave, vcomlink, migtd"),
                enclave("5001", ": is the integer 5001; allowed: a mapping of the keys port"),
                enclave("", ": is empty; allowed: a mapping of the keys port"),
                enclave("{ports: 1}", ".ports: unknown key, did you mean \"port\"?; allowed: port"));
    }

    static Stream<Rule> ports() {
        String range = " is not within 1 to 4294967294";
        return Stream.of(
                enclave("{port: 0}", ".port: 0" + range + PORT),
                enclave("{port: -1}", ".port: -1" + range + PORT),
                enclave("{port: 4294967295}", ".port: 4294967295" + range + PORT),
                enclave("{port: 4294967296}", ".port: 4294967296" + range + PORT),
                enclave("{port: \"1\"}", ".port: is the text \"1\"" + PORT),
                vcomlink("{port: 5001}", ".port: 5001 is there already, on line 4" + ONCE),
                new Rule(
                        ENCLAVE,
                        "enclave: {port: 1236}",
                        "FILE:6: services.migtd.port: 1236 is there already, on line 4" + ONCE));
    }

    static Stream<Rule> relays() {
        return Stream.of(
                migtd("{}", ": has none of the keys connect, listen; allowed: one of them"),
                migtd("{port: 7}", ": has none of the keys connect, listen; allowed: one of them"),
                migtd("{connect: \"a:1\", framing: TCP}", ".framing: unknown: TCP" + FRAMING),
                migtd(
                        "{connect: \"a:1\", framing: 1}",
                        ".framing: is the integer 1, not text (write it in quotes)" + FRAMING),
                migtd(
                        "{connect: \"a:1\", listen: \"b:1\"}",
                        ": has more than one of the keys connect, listen; allowed: one of them"),
                migtd("{port: 2001, connect: \"a:1\"}", ".port: 2001 is there already, on line 5" + ONCE));
    }

    static Stream<Rule> addresses() {
        return Stream.of(
                address("9001", "is the integer 9001, not text (write it in quotes)"),
                address("\"9001\"", "\"9001\" is not host:port"),
                address("localhost", "\"localhost\" is not host:port"));
    }

    private static Rule address(String is, String problem) {
        return migtd("{connect: " + is + "}", ".connect: " + problem + TCP);
    }

    private static Rule enclave(String is, String problem) {
        return new Rule(ENCLAVE, "enclave: " + is, "FILE:4: services.enclave" + problem);
    }

    private static Rule vcomlink(String is, String problem) {
        return new Rule(VCOMLINK, "vcomlink: " + is, "FILE:5: services.vcomlink" + problem);
    }

    private static Rule migtd(String is, String problem) {
        return new Rule(MIGTD, "migtd: " + is, "FILE:6: services.migtd" + problem);
    }

    @Test
    void readsEveryKey() throws Exception {
        GuestServices expected = new GuestServices(
                Optional.of(TpmAddress.unix(Path.of("/run/swtpm.sock"))),
                OptionalInt.of(5001),
                OptionalInt.of(2001),
                Optional.of(new MigTdConfig(
                        1236, InetSocketAddress.createUnresolved("192.0.2.1", 9001), null, MigTdFraming.PACKET)));

        assertEquals(expected, Example.read(Example.VSOCK, folder).services());
    }

    @Test
    void whatIsNotSaidHasADefault() throws Exception {
        String text = Example.replace(Example.VSOCK, TPM, "tpm: {device: /dev/tpmrm0}");
        text = Example.replace(text, ENCLAVE, "enclave: {}");
        text = Example.replace(text, VCOMLINK, "vcomlink: {}");
        text = Example.replace(text, MIGTD, "migtd: {connect: \"peer.example.com:1\"}");
        GuestServices expected = new GuestServices(
                Optional.of(TpmAddress.device(Path.of("/dev/tpmrm0"))),
                OptionalInt.of(5000),
                OptionalInt.of(2000),
                Optional.of(new MigTdConfig(
                        1235, InetSocketAddress.createUnresolved("peer.example.com", 1), null, MigTdFraming.RAW)));

        assertEquals(expected, Example.read(text, folder).services());
    }

    @Test
    void nothingNeedBeServed() throws Exception {
        assertEquals(GuestServices.NONE, Example.read(Example.TEXT, folder).services());
        assertEquals(
                GuestServices.NONE,
                Example.read(Example.with("reactors: 1", "services: {}"), folder)
                        .services());
    }

    @Test
    void twoServicesCannotHaveOnePortByDefault() throws IOException {
        String text = Example.replace(Example.VSOCK, ENCLAVE, "enclave: {port: 2000}");

        assertEquals(
                "FILE:5: services.vcomlink: 2000 is there already, on line 4" + ONCE,
                Example.problems(Example.replace(text, VCOMLINK, "vcomlink: {}"), folder));
    }

    @Test
    void aRelayMayListen() throws Exception {
        String text = Example.replace(Example.VSOCK, MIGTD, "migtd: {listen: \"127.0.0.1:9001\", framing: native}");

        assertEquals(
                Optional.of(new MigTdConfig(
                        1235, null, InetSocketAddress.createUnresolved("127.0.0.1", 9001), MigTdFraming.NATIVE)),
                Example.read(text, folder).services().migtd());
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:1, 127.0.0.1, 1",
        "0.0.0.0:65535, 0.0.0.0, 65535",
        "localhost:9001, localhost, 9001",
        "a1.example.com:9001, a1.example.com, 9001",
        "[::]:9001, ::, 9001",
        "[2001:db8:0:0::1]:9001, 2001:db8::1, 9001"
    })
    void readsAddressesOfTcp(String text, String host, int port) {
        assertEquals(InetSocketAddress.createUnresolved(host, port), TcpAddress.parse(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | \"\" is not host:port",
                ": | \":\" is not host:port",
                "a: | \"a:\" is not host:port",
                "a:-1 | \"a:-1\" is not host:port",
                "a:100000 | \"a:100000\" is not host:port",
                "2001:db8::1:9001 | \"2001:db8::1:9001\" is not host:port",
                "[::1:9001 | \"[::1:9001\" is not host:port",
                "[::1] | \"[::1]\" is not host:port",
                "a:0 | port 0 is not within 1 to 65535",
                "a:65536 | port 65536 is not within 1 to 65535",
                ":9001 | \"\" is not a domain name",
                "a b:9001 | \"a b\" is not a domain name",
                "10.5:9001 | \"10.5\" is not an IPv4 address: expected a.b.c.d",
                "10.0.0.256:9001 | \"10.0.0.256\" is not an IPv4 address: expected a.b.c.d"
            })
    void refusesWhatIsNoAddressOfTcp(String text, String problem) {
        assertEquals(
                problem,
                assertThrows(IllegalArgumentException.class, () -> TcpAddress.parse(text))
                        .getMessage());
    }
}
