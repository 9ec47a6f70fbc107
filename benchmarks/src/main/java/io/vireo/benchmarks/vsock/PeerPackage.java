package io.vireo.benchmarks.vsock;

import io.vireo.harness.guests.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Debian's package vhost-device-vsock, which only its unstable release has. It is read from the mirror that this machine's apt
 * uses, with lists and a cache of its own, and unpacked, not installed; it needs no newer libc than Debian 12's.
 */
final class PeerPackage {
    private static final String NAME = "vhost-device-vsock";
    private static final Path PROGRAM = Path.of("usr/bin", NAME);
    private static final Path KEYS = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");

    private PeerPackage() {}

    /** The program: the one that is installed, or one unpacked into the folder. */
    static Path program(Path folder) throws IOException {
        try {
            return Host.program(NAME, NAME);
        } catch (IOException e) {
            return fetch(folder);
        }
    }

    private static Path fetch(Path folder) throws IOException {
        Path sources = Files.writeString(
                folder.resolve("sources.list"), "deb [signed-by=%s] %s sid main%n".formatted(KEYS, mirror()));
        Files.createDirectories(folder.resolve("lists/partial"));
        Files.createDirectories(folder.resolve("cache/archives/partial"));
        List<String> options = List.of(
                "-qq",
                "-o=Dir::Etc::SourceList=" + sources,
                "-o=Dir::Etc::SourceParts=/dev/null",
                "-o=Dir::State::Lists=" + folder.resolve("lists"),
                "-o=Dir::Cache=" + folder.resolve("cache"),
                "-o=APT::Sandbox::User=root"); // another one could not write there
        run(folder, "apt-get", "apt", options, "update");
        run(folder, "apt-get", "apt", options, "download", NAME);
        try (Stream<Path> files = Files.list(folder)) {
            Path archive = files.filter(file -> file.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("apt-get downloaded nothing"));
            run(folder, "dpkg-deb", "dpkg", List.of("--extract", archive.toString(), folder.toString()));
        }
        return folder.resolve(PROGRAM);
    }

    /** The first Debian mirror of this machine. */
    private static String mirror() throws IOException {
        String targets = run(
                Path.of("/"),
                "apt-get",
                "apt",
                List.of("indextargets", "--format=$(ORIGIN) $(COMPONENT) $(REPO_URI)", "Identifier: Packages"));
        return targets.lines()
                .filter(line -> line.startsWith("Debian main "))
                .map(line -> line.substring("Debian main ".length()))
                .findFirst()
                .orElseThrow(() -> new IOException("this machine's apt has no Debian mirror: install " + NAME));
    }

    private static String run(Path folder, String program, String debianPackage, List<String> words, String... more)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(
                Host.program("env", "coreutils").toString(),
                "--chdir=" + folder,
                Host.program(program, debianPackage).toString()));
        command.addAll(words);
        command.addAll(List.of(more));
        Host.Output output = Host.run(command);
        if (output.status() != 0) {
            throw new IOException(
                    "%s: %s".formatted(String.join(" ", command), output.text().strip()));
        }
        return output.text();
    }
}
