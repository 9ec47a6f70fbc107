package io.vireo.appliance.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** This one. */
final class LocalMachine implements Machine {
    /** Where administrators' programs are, which a user's path may not name. */
    private static final List<String> MORE_FOLDERS = List.of("/usr/sbin", "/sbin", "/usr/local/sbin");

    private static final int PERMISSION_BITS = 0777;
    private static final int MAX_BYTES = 1 << 24;
    private static final long TIMEOUT_S = 10;

    @Override
    public boolean exists(String path) {
        return Files.exists(Path.of(path));
    }

    @Override
    public Optional<Access> access(String path) {
        try {
            Path file = Path.of(path);
            return Optional.of(new Access(
                    (int) Files.getAttribute(file, "unix:uid"),
                    (int) Files.getAttribute(file, "unix:gid"),
                    (int) Files.getAttribute(file, "unix:mode") & PERMISSION_BITS));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean mayReadAndWrite(String path) {
        return Files.isReadable(Path.of(path)) && Files.isWritable(Path.of(path));
    }

    @Override
    public Optional<String> read(String path) {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            return Optional.of(new String(in.readNBytes(MAX_BYTES), UTF_8).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<Output> run(String program, String... arguments) {
        String path = find(program);
        if (path == null) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>(List.of(path));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(Redirect.from(new File("/dev/null")))
                    .redirectError(Redirect.DISCARD)
                    .start();
            return await(process);
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static Optional<Output> await(Process process) throws InterruptedException {
        CompletableFuture<String> text = CompletableFuture.supplyAsync(() -> textOf(process));
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            return Optional.empty();
        }
        return Optional.of(new Output(process.exitValue(), text.join()));
    }

    private static String textOf(Process process) {
        try (InputStream in = process.getInputStream()) {
            return new String(in.readNBytes(MAX_BYTES), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable String find(String program) {
        String path = System.getenv("PATH");
        Stream<String> folders = Stream.concat(
                Stream.of((path == null ? "" : path).split(":", -1)).filter(folder -> folder.startsWith("/")),
                MORE_FOLDERS.stream());
        return folders.map(folder -> folder + "/" + program)
                .filter(file -> Files.isExecutable(Path.of(file)))
                .findFirst()
                .orElse(null);
    }
}
