package io.vireo.appliance.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.appliance.check.Machine.Access;
import io.vireo.appliance.check.Machine.Output;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalMachineTest {
    @TempDir
    Path folder;

    private final Machine machine = Machine.local();

    @Test
    void readsFilesWithoutWhiteSpaceAtTheirEnds() throws Exception {
        String file = Files.writeString(folder.resolve("file"), " 1\n2\n\n").toString();

        assertEquals(Optional.of("1\n2"), machine.read(file));
        assertEquals(Optional.empty(), machine.read(folder.resolve("none").toString()));
        assertEquals(Optional.empty(), machine.read(folder.toString()));
    }

    @Test
    void knowsWhatIsThere() {
        assertTrue(machine.exists(folder.toString()));
        assertTrue(machine.mayReadAndWrite("/dev/null"));
        assertFalse(machine.exists(folder.resolve("none").toString()));
        assertFalse(machine.mayReadAndWrite(folder.resolve("none").toString()));
    }

    @Test
    void knowsWhomAFileBelongsTo() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        int owner = (int) Files.getAttribute(file, "unix:uid");
        int group = (int) Files.getAttribute(file, "unix:gid");

        assertEquals(Optional.of(new Access(owner, group, 0640)), machine.access(file.toString()));
        assertEquals(Optional.empty(), machine.access(folder.resolve("none").toString()));
    }

    @Test
    void runsProgramsWithoutInput() {
        assertEquals(Optional.of(new Output(0, "a b\n")), machine.run("echo", "a b"));
        assertEquals(
                Optional.of(new Output(3, "out")), machine.run("sh", "-c", "cat; printf out; echo err >&2; exit 3"));
        assertEquals(Optional.empty(), machine.run("vireo-no-such-program"));
    }

    @Test
    void theKernelTellsOfThisProcess() {
        ProcessStatus process = new ProcessStatus(machine);

        assertNotEquals(Long.MAX_VALUE, process.limit("Max open files"));
        assertEquals(Long.MAX_VALUE, process.limit("Max nothing"));
    }
}
