package io.vireo.harness.guests;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Files and programs of the host that guests are made from. */
final class HostTools {
    private static final long COMMAND_TIMEOUT_S = 60;

    private HostTools() {}

    /** A program on PATH or in the system folders. @throws GuestException naming the Debian package it comes from */
    static Path program(String name, String debianPackage) throws GuestException {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "") + ":/usr/sbin:/usr/bin:/sbin:/bin";
        for (String folder : path.split(":", -1)) {
            Path candidate = Path.of(folder, name);
            if (!folder.isEmpty() && Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        throw new GuestException(name + " is missing: install Debian's package " + debianPackage);
    }

    /** Runs a program of the host to its end. @return what it printed */
    static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(COMMAND_TIMEOUT_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new GuestException(String.join(" ", command) + " failed: " + output);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new GuestException("interrupted");
        }
        return output;
    }

    static void copyResource(String name, Path target, boolean executable) throws IOException {
        try (InputStream in = HostTools.class.getResourceAsStream(name);
                OutputStream out = Files.newOutputStream(target)) {
            Objects.requireNonNull(in, name).transferTo(out);
        }
        if (executable) {
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    /** The module's file below {@code modules}, unpacked to {@code target} where the distribution compresses modules. */
    static void copyModule(Path modules, String name, Path target) throws IOException {
        String file = name + ".ko";
        try (Stream<Path> all = Files.walk(modules)) {
            Path module = all.filter(path -> path.getFileName().toString().startsWith(file))
                    .findFirst()
                    .orElseThrow(() -> new GuestException("no module " + name + " below " + modules));
            if (module.toString().endsWith(".xz")) {
                Path packed = target.resolveSibling(file + ".xz");
                Files.copy(module, packed);
                run(List.of(program("xz", "xz-utils").toString(), "-d", packed.toString()));
            } else {
                Files.copy(module, target);
            }
        }
    }

    static void deleteRecursively(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
