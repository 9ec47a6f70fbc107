package io.vireo.harness.guests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The host's C compiler, for guests' programs that no package has. */
final class Compiler {
    private Compiler() {}

    /**
     * Compiles a program, or with {@code -shared} a library.
     *
     * @param output what to write
     * @param sources C files and options, in the order of the command line
     * @throws GuestException with the compiler's messages if it fails
     */
    static void compile(Path output, List<String> sources) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(Host.program("gcc", "gcc").toString(), "-O2"));
        command.addAll(List.of("-o", output.toString()));
        command.addAll(sources);
        Host.Output result = Host.run(command);
        if (result.status() != 0) {
            throw new GuestException("the Debian packages gcc and libc6-dev are needed; compiling " + output
                    + " failed:\n" + result.text());
        }
    }
}
