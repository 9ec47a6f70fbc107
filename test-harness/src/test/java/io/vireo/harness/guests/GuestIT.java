package io.vireo.harness.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What both launchers promise, and what only one of them can be asked. */
@Timeout(180)
class GuestIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static final GuestConfig VM = GuestConfig.of("vm");

    enum Launcher {
        USER_MODE_LINUX {
            @Override
            Guest start(GuestConfig config) throws IOException {
                return UserModeLinux.start(config);
            }
        },
        QEMU {
            @Override
            Guest start(GuestConfig config) throws IOException {
                return QemuGuest.start(config);
            }
        };

        abstract Guest start(GuestConfig config) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void guestRunsItsScriptAndThenCommands(Launcher launcher) throws Exception {
        try (Guest guest = launcher.start(VM.withScript("echo from the script"))) {
            guest.awaitOutput("from the script", SOON);
            assertEquals(new GuestResult(0, "Linux\n"), guest.exec("uname -s", SOON));
            assertEquals(new GuestResult(3, "out\nerr\n"), guest.exec("echo out; echo err >&2; exit 3", SOON));
            assertEquals(new GuestResult(0, ""), guest.exec("true", SOON));
            String modules = guest.run("ls /sys/module", SOON);
            assertTrue(modules.contains("virtio_net\n") && modules.contains("ipv6\n"), modules);
            assertEquals(0, guest.exec("ping -c 1 127.0.0.1", SOON).exitCode());
        }
    }

    @ParameterizedTest
    @EnumSource
    void killLeavesNoProcess(Launcher launcher) throws Exception {
        try (Guest guest = launcher.start(VM)) {
            Session session = new Session(guest.processGroup());
            assertTrue(session.processes().stream().anyMatch(process -> process.pid() == guest.processGroup()));
            guest.kill();
            assertEquals(List.of(), session.processes());
            assertFalse(guest.isAlive());
            String message = messageOf(() -> guest.exec("true", SOON));
            assertTrue(message.contains("exit value 137"), message);
        }
    }

    @Test
    void closeLeavesNoFolder() throws Exception {
        Guest guest = UserModeLinux.start(VM);
        Path folder = Path.of("/proc/" + guest.processGroup() + "/cwd").toRealPath();
        assertTrue(Files.isDirectory(folder.resolve("root")));
        guest.close();
        guest.close();
        assertFalse(Files.exists(folder));
    }

    @Test
    void answersSurviveTheNoiseOfOtherPrograms() throws Exception {
        try (Guest guest = UserModeLinux.start(VM)) {
            guest.run("(while true; do echo noise; usleep 20000; done) >/dev/console 2>&1 &", SOON);
            guest.awaitOutput("noise", SOON);
            String lines = guest.run("seq 1 2000", SOON);
            assertEquals(2000, lines.lines().count());
            assertTrue(lines.endsWith("1999\n2000\n"));
        }
    }

    @Test
    void commandLongerThanATerminalsLineArrivesWhole() throws Exception {
        String word = "0123456789".repeat(2000);
        try (Guest guest = UserModeLinux.start(VM)) {
            assertEquals("20001\n", guest.run("echo " + word + " | wc -c", SOON));
        }
    }

    @Test
    void commandThatTakesTooLongIsKilledAndTheGuestGoesOn() throws Exception {
        try (Guest guest = UserModeLinux.start(VM)) {
            String message = messageOf(() -> guest.exec("echo begun; sleep 1000", Duration.ofSeconds(1)));
            assertTrue(message.contains("was killed after PT1S") && message.contains("begun"), message);
            assertEquals("alive\n", guest.run("echo alive", SOON));
        }
    }

    @Test
    void scriptThatFailsFailsTheStart() {
        String message = messageOf(() -> UserModeLinux.start(VM.withScript("echo last words; exit 7")));
        assertTrue(message.contains("script failed with status 7") && message.contains("last words"), message);
    }

    @Test
    void guestThatDiesIsReportedWithTheEndOfItsConsole() throws Exception {
        try (Guest guest = UserModeLinux.start(VM)) {
            String message = messageOf(() -> guest.exec("echo last words >/dev/console; poweroff -f", SOON));
            assertTrue(message.contains("it died") && message.contains("last words"), message);
        }
    }

    @Test
    void guestThatDoesNotComeUpInTimeIsKilled() throws Exception {
        GuestConfig config = VM.withScript("sleep 1000").withBootTimeout(Duration.ofMillis(3500));
        String message = messageOf(() -> UserModeLinux.start(config));
        assertTrue(message.contains("within PT3.5S"), message);
        try (Stream<ProcessHandle> children = ProcessHandle.current().children()) {
            assertEquals(List.of(), children.filter(ProcessHandle::isAlive).toList());
        }
    }

    @Test
    void iperf3MeasuresTheLoopbackOfAGuest() throws Exception {
        try (Guest guest = UserModeLinux.start(VM.withMemory(192).withIperf3())) {
            guest.run("iperf3 -s -D", SOON);
            String json = guest.run("iperf3 -c 127.0.0.1 -t 1 -J", Duration.ofMinutes(1));
            assertTrue(json.contains("\"sum_received\""), json);
        }
    }

    @Test
    void missingProgramNamesItsPackage() {
        GuestConfig config = VM.withProgram("no-such-program", "no-such-package");
        assertEquals(
                "no-such-program is missing: install the Debian package no-such-package",
                messageOf(() -> UserModeLinux.start(config)));
    }

    private static String messageOf(Executable call) {
        String message = assertThrows(GuestException.class, call).getMessage();
        return message == null ? "" : message;
    }
}
