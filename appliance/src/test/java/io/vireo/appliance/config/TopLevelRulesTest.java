package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.appliance.config.Example.Rule;
import io.vireo.router.config.IdlePolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may stand at the left margin. */
class TopLevelRulesTest {
    private static final String KEYS =
            "; allowed: runtime-dir, state-dir, socket-mode, socket-group, reactors, idle, uplink, user, tpm, services, networks, guests";
    private static final String REACTORS = "; allowed: an integer, 1 to 64";
    private static final String IDLE = "; allowed: a mapping of the keys spin, mode";
    private static final String SPIN = "; allowed: a whole number of ns, us, ms or s, such as 50us, at most 10s";
    private static final String IDLE_MODE = "; allowed: adaptive or busy";
    private static final String MODE = "; allowed: an octal number in quotes, \"0000\" to \"0777\"";
    private static final String GROUP = "; allowed: name or number of an existing group";
    private static final String DIRECTORY =
            "; allowed: an absolute path of a directory that is writable or can be made";
    private static final String NETWORKS = "; allowed: a list of at least one network";
    private static final String GUESTS = "; allowed: a list of at least one guest";

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource({"keys", "reactors", "idle", "sockets", "directories"})
    void refuses(Rule rule) throws IOException {
        rule.requireRefused(folder);
    }

    static Stream<Rule> keys() {
        String was = "reactors: 1";
        return Stream.of(
                new Rule(was, "reactor: 1", "FILE:4: reactor: unknown key, did you mean \"reactors\"?" + KEYS),
                new Rule(was, "Reactors: 1", "FILE:4: Reactors: unknown key, did you mean \"reactors\"?" + KEYS),
                new Rule(was, "colour: red", "FILE:4: colour: unknown key" + KEYS),
                new Rule(was, "<<: {reactors: 1}", "FILE:4: <<: unknown key" + KEYS),
                new Rule(was, "? [a]\n: 1", "FILE:4: has a key that is a list" + KEYS),
                new Rule(
                        was,
                        "reactors: 1\nreactors: 2",
                        "FILE:5: reactors: is there already on line 4; allowed: each key once"));
    }

    static Stream<Rule> reactors() {
        String was = "reactors: 1";
        return Stream.of(
                new Rule(was, "reactors: 0", "FILE:4: reactors: 0 is not within 1 to 64" + REACTORS),
                new Rule(was, "reactors: -1", "FILE:4: reactors: -1 is not within 1 to 64" + REACTORS),
                new Rule(was, "reactors: 65", "FILE:4: reactors: 65 is not within 1 to 64" + REACTORS),
                new Rule(was, "reactors: 4294967297", "FILE:4: reactors: 4294967297 is not within 1 to 64" + REACTORS),
                new Rule(was, "reactors: two", "FILE:4: reactors: is the text \"two\"" + REACTORS),
                new Rule(was, "reactors: \"1\"", "FILE:4: reactors: is the text \"1\"" + REACTORS),
                new Rule(was, "reactors:", "FILE:4: reactors: is empty" + REACTORS),
                new Rule(was, "reactors: [1]", "FILE:4: reactors: is a list" + REACTORS),
                new Rule(was, "reactors: {}", "FILE:4: reactors: is a mapping" + REACTORS),
                new Rule(
                        was,
                        "reactors: 1.5",
                        "FILE:4: reactors: is the value 1.5 of type tag:yaml.org,2002:float" + REACTORS));
    }

    static Stream<Rule> idle() {
        String was = "reactors: 1";
        return Stream.of(
                new Rule(was, "idle: busy", "FILE:4: idle: is the text \"busy\"" + IDLE),
                new Rule(was, "idle:", "FILE:4: idle: is empty" + IDLE),
                new Rule(was, "idle: [50us]", "FILE:4: idle: is a list" + IDLE),
                new Rule(was, "idle: {sleep: 1}", "FILE:4: idle.sleep: unknown key; allowed: spin, mode"),
                new Rule(
                        was,
                        "idle: {spin: 50}",
                        "FILE:4: idle.spin: is the integer 50, not text (write it in quotes)" + SPIN),
                new Rule(was, "idle: {spin: 50 us}", "FILE:4: idle.spin: 50 us is not a duration" + SPIN),
                new Rule(was, "idle: {spin: -1us}", "FILE:4: idle.spin: -1us is not a duration" + SPIN),
                new Rule(was, "idle: {spin: 1.5ms}", "FILE:4: idle.spin: 1.5ms is not a duration" + SPIN),
                new Rule(was, "idle: {spin: 1m}", "FILE:4: idle.spin: 1m is too long" + SPIN),
                new Rule(was, "idle: {spin: 11s}", "FILE:4: idle.spin: 11s is too long" + SPIN),
                new Rule(was, "idle: {mode: lazy}", "FILE:4: idle.mode: unknown: lazy" + IDLE_MODE),
                new Rule(was, "idle: {mode: BUSY}", "FILE:4: idle.mode: unknown: BUSY" + IDLE_MODE),
                new Rule(
                        was,
                        "idle: {mode: 1}",
                        "FILE:4: idle.mode: is the integer 1, not text (write it in quotes)" + IDLE_MODE));
    }

    static Stream<Rule> sockets() {
        String mode = "socket-mode: \"0660\"";
        String group = "socket-group: kvm";
        return Stream.of(
                new Rule(
                        mode,
                        "socket-mode: 660",
                        "FILE:2: socket-mode: is the integer 660, not text (write it in quotes)" + MODE),
                new Rule(mode, "socket-mode: \"0800\"", "FILE:2: socket-mode: 0800 is not an octal file mode" + MODE),
                new Rule(mode, "socket-mode: \"1777\"", "FILE:2: socket-mode: 1777 is not an octal file mode" + MODE),
                new Rule(mode, "socket-mode: \"66\"", "FILE:2: socket-mode: 66 is not an octal file mode" + MODE),
                new Rule(mode, "socket-mode:", "FILE:2: socket-mode: is empty" + MODE),
                new Rule(group, "socket-group: nobodys", "FILE:3: socket-group: there is no group nobodys" + GROUP),
                new Rule(
                        group,
                        "socket-group: 107",
                        "FILE:3: socket-group: is the integer 107, not text (write it in quotes)" + GROUP),
                new Rule(group, "socket-group: []", "FILE:3: socket-group: is a list" + GROUP));
    }

    static Stream<Rule> directories() {
        String was = "runtime-dir: /run/vireo";
        return Stream.of(
                new Rule(
                        was,
                        "runtime-dir: run/vireo",
                        "FILE:1: runtime-dir: run/vireo is not an absolute path" + DIRECTORY),
                new Rule(
                        was,
                        "runtime-dir: \"/run\\0\"",
                        "FILE:1: runtime-dir: Nul character not allowed: /run?" + DIRECTORY),
                new Rule(was, "runtime-dir:", "FILE:1: runtime-dir: is empty" + DIRECTORY));
    }

    @ParameterizedTest
    @MethodSource
    void refusesWithoutNetworksOrGuests(String text, String problem) throws IOException {
        assertEquals(problem, Example.problems(text, folder));
    }

    static Stream<Arguments> refusesWithoutNetworksOrGuests() {
        String networks = "networks: [{name: a, ipv4: 10.0.0.0/24}]\n";
        return Stream.of(
                Arguments.of(
                        "reactors: 1",
                        "FILE:1: networks: is missing" + NETWORKS + "\nFILE:1: guests: is missing" + GUESTS),
                Arguments.of(networks + "guests: []", "FILE:2: guests: is an empty list" + GUESTS),
                Arguments.of(networks + "guests:", "FILE:2: guests: is empty" + GUESTS),
                Arguments.of(networks + "guests: vm1", "FILE:2: guests: is the text \"vm1\"" + GUESTS),
                Arguments.of(
                        networks + "guests: [vm1]",
                        "FILE:2: guests[0]: is the text \"vm1\"; "
                                + "allowed: a mapping of the keys name, network, mac, ipv4, ipv6, mtu, queues, offloads, rate, socket, mode, vsock"),
                Arguments.of(
                        "guests: [[]]\nnetworks: []",
                        "FILE:1: guests[0]: is a list; "
                                + "allowed: a mapping of the keys name, network, mac, ipv4, ipv6, mtu, queues, offloads, rate, socket, mode, vsock\n"
                                + "FILE:2: networks: is an empty list" + NETWORKS));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64})
    void takesReactors(int reactors) throws Exception {
        ApplianceConfig config = Example.read(Example.with("reactors: 1", "reactors: " + reactors), folder);

        assertEquals(reactors, config.router().reactors());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "idle: {spin: 0ns}|ADAPTIVE|0",
                "idle: {spin: 700ns}|ADAPTIVE|700",
                "idle: {spin: 50us}|ADAPTIVE|50000",
                "idle: {spin: 2ms}|ADAPTIVE|2000000",
                "idle: {spin: 10s}|ADAPTIVE|10000000000",
                "idle: {mode: busy}|BUSY|50000",
                "idle: {mode: adaptive}|ADAPTIVE|50000",
                "idle: {}|ADAPTIVE|50000",
                "# idle|ADAPTIVE|50000"
            })
    void readsWhatToDoWhenIdle(String text, IdlePolicy.Mode mode, long spinNs) throws Exception {
        ApplianceConfig config = Example.read(Example.with("reactors: 1", text), folder);

        assertEquals(new IdlePolicy(mode, spinNs), config.router().idle());
    }

    @ParameterizedTest
    @CsvSource({"\"0777\", 511", "\"000\", 0", "\"600\", 384", "0640, 416"})
    void readsModesAsOctal(String text, int mode) throws Exception {
        ApplianceConfig config = Example.read(Example.with("socket-mode: \"0660\"", "socket-mode: " + text), folder);

        assertEquals(mode, config.socketMode());
    }

    @Test
    void withoutAGroupSocketsKeepTheirs() throws Exception {
        ApplianceConfig config = Example.read(Example.with("socket-group: kvm", "# no group"), folder);

        assertEquals(OptionalInt.empty(), config.socketGroup());
    }

    @Test
    void theRuntimeDirectoryIsNormalized() throws Exception {
        ApplianceConfig config =
                Example.read(Example.with("runtime-dir: /run/vireo", "runtime-dir: /run/a/../b/."), folder);

        assertEquals(Path.of("/run/b"), config.runtimeDir());
        assertEquals(
                Path.of("/run/b/vm1.sock"),
                config.router().guests().getFirst().socket().path());
    }
}
