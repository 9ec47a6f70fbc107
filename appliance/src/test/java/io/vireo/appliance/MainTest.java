package io.vireo.appliance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line within this process; what a process of its own is needed for is in {@link RunCommandTest}. */
class MainTest {
    @TempDir
    Path folder;

    /** What a command line came to. */
    private record Result(int exitCode, String out, String err) {}

    private static Result vireo(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Result(exitCode, out.toString(), err.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "run --help", "guest-args --help", "guest-args -h"})
    void helpNamesEveryOptionAndTheExitCodes(String line) {
        Result result = vireo(line.split(" "));

        assertEquals(0, result.exitCode);
        assertEquals("", result.err);
        List<String> always = List.of("--help", "--version", "--verbose", "Exit codes:");
        List<String> ofCommand = List.of("vireo", "run", "guest-args", "./vireo test");
        if (line.startsWith("run")) {
            ofCommand = List.of("vireo run", "--config=FILE", "SIGTERM", "SIGUSR1");
        } else if (line.startsWith("guest-args")) {
            ofCommand =
                    List.of("vireo guest-args", "--config=FILE", "--vmm=VMM", "NAME", "qemu, cloud-hypervisor, uml");
        }
        assertAll(always.stream().map(text -> () -> assertHas(text, result.out)));
        assertAll(ofCommand.stream().map(text -> () -> assertHas(text, result.out)));
        assertHas("0   clean end", result.out);
        assertHas("1   failure", result.out);
        assertHas("2   wrong usage or configuration", result.out);
    }

    private static void assertHas(String part, String text) {
        assertTrue(text.contains(part), () -> "no \"" + part + "\" in " + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V", "run --version", "guest-args --version"})
    void versionIsOneLine(String line) {
        Result result = vireo(line.split(" "));

        assertEquals(0, result.exitCode);
        assertTrue(Pattern.matches("vireo \\S.*\\R", result.out), result.out);
    }

    @Test
    void aMissingCommandIsWrongUsage() {
        assertUsage(vireo(), "Missing command");
    }

    @Test
    void aTpmIsNeededToProvisionIt() throws IOException {
        String config = TestConfig.write(folder).toString();

        assertUsage(vireo("tpm"), "Missing command");
        assertUsage(vireo("tpm", "provision", "-c", config), config + " names no tpm");
    }

    @Test
    void aTpmThatIsNotThereIsAFailure() throws IOException {
        Path config = TestConfig.write(folder);
        Files.writeString(config, "tpm: {unix: " + folder.resolve("no.sock") + "}\n", StandardOpenOption.APPEND);

        Result result = vireo("tpm", "provision", "-c", config.toString());

        assertEquals(1, result.exitCode);
        assertEquals("", result.out);
        assertTrue(result.err.startsWith("vireo: no TPM at " + folder.resolve("no.sock")), result.err);
    }

    @Test
    void anUnknownCommandIsWrongUsage() {
        assertUsage(vireo("walk"), "Unmatched argument at index 0: 'walk'");
    }

    @Test
    void anUnknownOptionIsWrongUsage() {
        assertUsage(vireo("run", "--config", "vireo.yaml", "--fast"), "Unknown option: '--fast'");
    }

    @Test
    void aCommandNeedsItsConfiguration() {
        assertUsage(vireo("run"), "Missing required option: '--config=FILE'");
        assertUsage(vireo("check"), "Missing required option: '--config=FILE'");
        assertUsage(vireo("guest-args", "vm1"), "Missing required option: '--config=FILE'");
        assertUsage(vireo("tpm", "provision"), "Missing required option: '--config=FILE'");
    }

    @Test
    void guestArgsNeedsAGuest() throws IOException {
        String config = TestConfig.write(folder).toString();

        assertUsage(vireo("guest-args", "-c", config), "Missing required parameter: 'NAME'");
        assertUsage(vireo("guest-args", "vm3", "-c", config), "there is no guest vm3; the configuration has vm1, vm2");
    }

    @Test
    void guestArgsKnowsThreeVmms() throws IOException {
        String config = TestConfig.write(folder).toString();

        Result result = vireo("guest-args", "vm1", "-c", config, "--vmm", "firecracker");

        assertUsage(result, "Invalid value for option '--vmm': 'firecracker' is not one of [");
        assertHas("One of qemu, cloud-hypervisor, uml; qemu by default.", result.err);
    }

    /** The message on stderr, the usage after it, and nothing for a script to take for a result. */
    private static void assertUsage(Result result, String message) {
        assertEquals(2, result.exitCode);
        assertEquals("", result.out);
        assertTrue(result.err.startsWith(message), result.err);
        assertHas("Usage: vireo", result.err);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "guest-args vm1", "check", "tpm provision"})
    void aFileThatIsNotThereIsAMistakeInTheConfiguration(String line) {
        Path file = folder.resolve("none.yaml");

        Result result = vireo((line + " --config " + file).split(" "));

        assertEquals(
                new Result(
                        2, "", file + ":1: there is no such file; allowed: a readable file of at most 1048576 bytes\n"),
                result);
    }

    @Test
    void runTellsEverythingThatIsWrong() throws IOException {
        Path file = Files.writeString(folder.resolve("vireo.yaml"), "networks: []\nguests: []\nreactors: 0\nx: 1\n");

        Result result = vireo("run", "-c", file.toString());

        assertEquals(2, result.exitCode);
        assertEquals("", result.out);
        assertEquals(4, result.err.lines().count(), result.err);
        assertTrue(result.err.lines().allMatch(line -> line.startsWith(file + ":")), result.err);
    }

    @Test
    void qemusFlagsAreTheDefault() throws IOException {
        Path config = TestConfig.write(folder);
        String flags = "-m 256M -object memory-backend-memfd,id=mem,size=256M,share=on -machine memory-backend=mem"
                + " -chardev socket,id=net0,path=" + TestConfig.runtimeDir(folder) + "/vm1.sock,reconnect=1"
                + " -netdev vhost-user,id=net0,chardev=net0"
                + " -device virtio-net-pci,netdev=net0,mac=52:54:00:12:34:01\n";

        assertEquals(new Result(0, flags, ""), vireo("guest-args", "vm1", "-c", config.toString()));
        assertEquals(new Result(0, flags, ""), vireo("guest-args", "vm1", "-c", config.toString(), "--vmm=qemu"));
        assertEquals(new Result(0, flags, ""), vireo("guest-args", "vm1", "-c", config.toString(), "--vmm=QEMU"));
    }

    @Test
    void cloudHypervisorsFlags() throws IOException {
        assertEquals(
                "--memory size=256M,shared=on --net vhost_user=true,socket=" + TestConfig.runtimeDir(folder)
                        + "/vm2.sock,mac=52:54:00:12:34:02,num_queues=2\n",
                guestArgs("vm2", "cloud-hypervisor", TestConfig.write(folder)));
    }

    @ParameterizedTest
    @CsvSource({
        "qemu, ' -chardev socket,id=vsock0,path=RUN/vm1-vsock.sock -device vhost-user-vsock-pci,chardev=vsock0'",
        "uml, ' virtio_uml.device=RUN/vm1-vsock.sock:19'",
        "cloud-hypervisor, ''"
    })
    void flagsOfVsockFollowThoseOfTheNetwork(String vmm, String vsock) throws IOException {
        Path config = TestConfig.write(folder);
        String without = guestArgs("vm1", vmm, config).strip();
        String text = Files.readString(config).replace("name: vm1\n", "name: vm1\n    vsock: {cid: 33}\n");
        Files.writeString(config, text);
        String run = TestConfig.runtimeDir(folder).toString();

        assertEquals(without + vsock.replace("RUN", run) + "\n", guestArgs("vm1", vmm, config));
    }

    @ParameterizedTest
    @CsvSource({
        "qemu, 'net0,path=RUN/vm1.sock,reconnect=1 ', 'net0,path=RUN/vm1.sock,server=on,wait=off '",
        "qemu, path=RUN/vm1-vsock.sock, 'path=RUN/vm1-vsock.sock,server=on,wait=on'",
        "cloud-hypervisor, num_queues=2, 'num_queues=2,vhost_mode=server'"
    })
    void aVmmListensForVireoInClientMode(String vmm, String connecting, String listening) throws IOException {
        Path config = TestConfig.write(folder);
        String text = Files.readString(config);
        String run = TestConfig.runtimeDir(folder).toString();
        Files.writeString(config, text.replace("name: vm1\n", "name: vm1\n    vsock: {cid: 33}\n"));
        String before = guestArgs("vm1", vmm, config);
        Files.writeString(
                config,
                text.replace("name: vm1\n", "name: vm1\n    mode: client\n    vsock: {cid: 33, mode: client}\n"));
        String after = guestArgs("vm1", vmm, config);

        assertHas(connecting.replace("RUN", run), before);
        assertHas(listening.replace("RUN", run), after);
        Result uml = vireo("guest-args", "vm1", "-c", config.toString(), "--vmm=uml");
        assertUsage(uml, "user-mode Linux never listens: leave out mode: client of " + run + "/vm1.sock");
    }

    @Test
    void userModeLinuxsFlags() throws IOException {
        assertEquals(
                "mem=256M virtio_uml.device=" + TestConfig.runtimeDir(folder) + "/vm2.sock:1\n",
                guestArgs("vm2", "uml", TestConfig.write(folder)));
    }

    @Test
    void aShellReadsOddPathsAsTheyAre() throws IOException, InterruptedException {
        String odd = "/srv/it's $HOME `x` \u00e9 * 5.sock";

        String flags = guestArgs("vm1", "cloud-hypervisor", TestConfig.write(folder, odd));

        Process shell = new ProcessBuilder("sh", "-c", "printf '%s\\n' " + flags)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String words = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, shell.waitFor());
        assertEquals(
                "--memory\nsize=256M,shared=on\n--net\nvhost_user=true,socket=" + odd
                        + ",mac=52:54:00:12:34:01,num_queues=2\n",
                words);
    }

    @Test
    void refusesAPathThatAVmmCannotBeTold() throws IOException {
        String config = TestConfig.write(folder, "/srv/a b.sock").toString();

        Result result = vireo("guest-args", "vm1", "--vmm", "uml", "--config", config);

        assertUsage(result, "no flag of uml can name this socket path: /srv/a b.sock");
    }

    @Test
    void qemuReadsTwoCommasAsOne() throws IOException {
        String flags = guestArgs("vm1", "qemu", TestConfig.write(folder, "/srv/a,b.sock"));

        assertHas("-chardev socket,id=net0,path=/srv/a,,b.sock,reconnect=1 -netdev", flags);
    }

    @Test
    void guestArgsWorksWhileTheSocketIsInUse() throws IOException {
        Path config = TestConfig.write(folder);
        Path socket = Files.createDirectory(TestConfig.runtimeDir(folder)).resolve("vm1.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));

            assertHas(socket.toString(), guestArgs("vm1", "uml", config));

            Result run = vireo("run", "-c", config.toString());
            assertEquals(2, run.exitCode);
            assertHas(config + ":12: guests[0].socket: " + socket + " is in use by another process; ", run.err);
        }
    }

    @Test
    void checkFailsWhereSomethingLacksAndChangesNothing() throws IOException {
        Path config = TestConfig.write(folder);
        Path runtimeDir = TestConfig.runtimeDir(folder);
        Result before = vireo("check", "-c", config.toString());
        assertHas("ok       " + runtimeDir + " can be used\n", before.out);
        assertFalse(Files.exists(runtimeDir));

        Files.createFile(runtimeDir);
        Result result = vireo("check", "-c", config.toString());

        assertEquals(1, result.exitCode);
        assertEquals("", result.err);
        assertHas(
                "lacks    " + runtimeDir + " cannot be used: " + runtimeDir
                        + " is not a directory\n         install -d ",
                result.out);
    }

    private static String guestArgs(String guest, String vmm, Path config) {
        Result result = vireo("guest-args", guest, "--vmm", vmm, "--config", config.toString());
        assertEquals("", result.err);
        assertEquals(0, result.exitCode);
        return result.out;
    }
}
