package io.vireo.harness.guests;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Programs of the host. */
public final class Host {
    private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");
    private static final String SYSTEM_FOLDERS = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

    private Host() {}

    /**
     * The program of that name in PATH or a system folder, or with that absolute path; throws {@link GuestException} naming
     * the package if there is none.
     */
    public static Path program(String name, String debianPackage) throws GuestException {
        if (name.startsWith("/")) {
            Path file = Path.of(name);
            if (Files.isExecutable(file)) {
                return file;
            }
            throw missing(name, debianPackage);
        }
        String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + SYSTEM_FOLDERS;
        return Stream.of(path.split(File.pathSeparator, -1))
                .filter(folder -> folder.startsWith("/"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> missing(name, debianPackage));
    }

    static GuestException missing(String what, String debianPackage) {
        return new GuestException(what + " is missing: install the Debian package " + debianPackage);
    }

    /** The shared libraries of a program and its loader, as absolute paths; none for a static one. */
    static List<Path> libraries(Path program) throws IOException {
        Output ldd = run(List.of(program("ldd", "libc-bin").toString(), program.toString()));
        return LIBRARY.matcher(ldd.text())
                .results()
                .map(match -> Path.of(match.group(1)))
                .toList();
    }

    /** Runs a short-lived program to its end, whose output is ISO 8859-1 text or bytes. */
    public static Output run(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(Map.of("LC_ALL", "C"));
        Process process = builder.start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        try {
            return new Output(process.waitFor(), new String(output, StandardCharsets.ISO_8859_1));
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw GuestException.interrupted(String.join(" ", command));
        }
    }

    /** What a program has written to both streams, one character a byte. */
    public record Output(int status, String text) {
        byte[] bytes() {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
    }
}
