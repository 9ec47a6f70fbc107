package io.vireo.harness.guests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The kernel's own tests of vsock, {@code tools/testing/vsock} of its source, which Debian has as the package {@code
 * linux-source}: two programs, one at either end of a vsock, that keep in step over a TCP connection.
 */
public final class KernelVsockSuite {
    /** By which a guest's shell finds the program. */
    public static final String NAME = "vsock_test";

    private static final String PACKAGE = "linux-source";
    private static final Path SOURCES = Path.of("/usr/src");
    private static final String ARCHIVES = "linux-source-.*\\.tar\\.xz";
    private static final String TESTS = "tools/testing/vsock";

    private KernelVsockSuite() {}

    /**
     * Unpacks and compiles the suite, which takes ten seconds.
     *
     * @param folder is filled with what is needed of the kernel's source
     * @return the program
     */
    public static Path compile(Path folder) throws IOException {
        // its headers stand in for the kernel's
        Host.Output unpacked = Host.run(List.of(
                Host.program("tar", "tar").toString(),
                "--extract",
                "--file=" + archive(),
                "--directory=" + folder,
                "--strip-components=1",
                "--wildcards",
                "*/" + TESTS + "/*",
                "*/tools/include/*"));
        if (unpacked.status() != 0) {
            throw new GuestException(
                    "the package " + PACKAGE + " or xz-utils is damaged or missing: " + unpacked.text());
        }
        Path tests = folder.resolve(TESTS);
        Path program = folder.resolve(NAME);
        Compiler.compile(
                program,
                Stream.concat(
                                Stream.of("-w", "-D_GNU_SOURCE", "-I" + tests, "-I" + folder.resolve("tools/include")),
                                Stream.of("vsock_test.c", "timeout.c", "control.c", "util.c")
                                        .map(source -> tests.resolve(source).toString()))
                        .toList());
        return program;
    }

    private static Path archive() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            return files.filter(file -> file.getFileName().toString().matches(ARCHIVES))
                    .max(Comparator.naturalOrder())
                    .orElseThrow(() -> Host.missing("the kernel's source in " + SOURCES, PACKAGE));
        }
    }
}
