package io.vireo.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The fuzzer itself, for a few seconds a target: that it starts, reaches code, and finds nothing that is near. */
class FuzzIT {
    private static final String SECONDS = "2";

    @Test
    void findsNothingNear(@TempDir Path work) {
        StringWriter table = new StringWriter();
        CommandLine command = FuzzCommand.commandLine().setOut(new PrintWriter(table, true));
        int code = command.execute(
                "--corpus",
                CorpusTest.FOLDER.toString(),
                "--work",
                work.toString(),
                "--seconds",
                SECONDS,
                "--jobs",
                "2",
                "--seed",
                "1");
        assertEquals(0, code, table::toString);
        for (String name : Targets.ALL.keySet()) {
            String row = table.toString()
                    .lines()
                    .filter(line -> line.startsWith(name + " "))
                    .findFirst()
                    .orElseThrow();
            assertTrue(Integer.parseInt(row.split("\\s+", 4)[2]) > 50, () -> "reaches hardly anything: " + row);
        }
        System.out.print(table);
    }
}
