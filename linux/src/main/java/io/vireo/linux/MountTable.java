package io.vireo.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What is mounted in this process's mount namespace, as /proc/self/mountinfo (proc(5)) tells without asking file systems. */
public final class MountTable {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");
    private static final String END_OF_OPTIONS = " - ";

    private MountTable() {}

    /**
     * The type of the file system that a mount is of, for example ext4.
     *
     * @return empty if there is no such mount here: mounts of other namespaces are not listed, whoever made them
     */
    public static String fileSystem(long mount) {
        // Latin 1: paths may be of any bytes
        try (Stream<String> lines = Files.lines(TABLE, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith(mount + " "))
                    .map(line -> line.substring(line.indexOf(END_OF_OPTIONS) + END_OF_OPTIONS.length()))
                    .map(rest -> rest.substring(0, rest.indexOf(' ')))
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
