package io.vireo.harness.guests;

import java.io.BufferedOutputStream;
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

/** A folder as the kernel's first root file system (Documentation/driver-api/early-userspace): newc cpio, gzip. */
final class Initramfs {
    private static final int READ_AND_EXECUTE = 0755;

    private Initramfs() {}

    /** Writes all below {@code root}, folders before what they hold; everything belongs to root and is executable. */
    static void write(Path root, Path archive) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(root)) {
            files = walk.filter(file -> !file.equals(root)).sorted().toList();
        }
        try (OutputStream out = Files.newOutputStream(archive);
                OutputStream compressed = new GZIPOutputStream(new BufferedOutputStream(out));
                CpioArchiveOutputStream cpio = new CpioArchiveOutputStream(compressed, CpioConstants.FORMAT_NEW)) {
            int inode = 1;
            for (Path file : files) {
                write(cpio, root.relativize(file).toString(), file, inode++);
            }
        }
    }

    private static void write(CpioArchiveOutputStream cpio, String name, Path file, int inode) throws IOException {
        byte[] content = new byte[0];
        int type = CpioConstants.C_ISREG;
        if (Files.isSymbolicLink(file)) {
            type = CpioConstants.C_ISLNK;
            content = Files.readSymbolicLink(file).toString().getBytes(StandardCharsets.UTF_8);
        } else if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            type = CpioConstants.C_ISDIR;
        } else {
            content = Files.readAllBytes(file);
        }
        CpioArchiveEntry entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, name, content.length);
        entry.setMode(type | READ_AND_EXECUTE);
        entry.setInode(inode);
        entry.setNumberOfLinks(1);
        cpio.putArchiveEntry(entry);
        cpio.write(content);
        cpio.closeArchiveEntry();
    }
}
