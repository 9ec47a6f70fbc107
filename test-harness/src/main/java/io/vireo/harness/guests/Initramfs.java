package io.vireo.harness.guests;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/** Packs a root folder as the kernel wants it: a gzipped cpio archive in the new format. */
final class Initramfs {
    private static final int EXECUTABLE = 0755;

    private Initramfs() {}

    static void write(Path root, Path target) throws IOException {
        try (OutputStream file = new GZIPOutputStream(Files.newOutputStream(target));
                CpioArchiveOutputStream archive = new CpioArchiveOutputStream(file, CpioConstants.FORMAT_NEW);
                Stream<Path> tree = Files.walk(root)) {
            List<Path> paths = tree.sorted().filter(path -> !path.equals(root)).toList();
            for (Path path : paths) {
                add(archive, path, root.relativize(path).toString());
            }
        }
    }

    private static void add(CpioArchiveOutputStream archive, Path path, String name) throws IOException {
        int type = CpioConstants.C_ISREG;
        byte[] content = {};
        if (Files.isSymbolicLink(path)) {
            type = CpioConstants.C_ISLNK;
            content = Files.readSymbolicLink(path).toString().getBytes(StandardCharsets.UTF_8);
        } else if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            type = CpioConstants.C_ISDIR;
        } else {
            content = Files.readAllBytes(path);
        }
        CpioArchiveEntry entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, name, content.length);
        entry.setMode(type | EXECUTABLE);
        entry.setTime(0);
        archive.putArchiveEntry(entry);
        archive.write(content);
        archive.closeArchiveEntry();
    }
}
