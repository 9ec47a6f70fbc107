package io.vireo.router.leases;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The file of a journal: what is appended is durable, or cut off again, and the whole is replaced at once.
 *
 * <p>After a failure nothing of it is trusted, as the kernel may then have dropped pages that it calls clean (fsync(2) reports
 * an error once), until it is replaced.
 */
final class JournalFile implements AutoCloseable {
    static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** How files are opened. */
    interface Opener {
        Opener FILES = FileChannel::open;

        FileChannel open(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException;
    }

    private final Path path;
    private final Opener opener;
    private FileChannel channel;
    private long end;
    private boolean trusted = true;

    private JournalFile(Path path, Opener opener, FileChannel channel, long end) {
        this.path = path;
        this.opener = opener;
        this.channel = channel;
        this.end = end;
    }

    /**
     * Opens the file, or makes it.
     *
     * @param path with a parent, and without symbolic links
     * @param end where to go on; what is there beyond is nothing
     */
    static JournalFile open(Path path, long end, Opener opener) throws IOException {
        FileChannel channel = opener.open(path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PRIVATE);
        return new JournalFile(path, opener, channel, end);
    }

    Path path() {
        return path;
    }

    boolean isTrusted() {
        return trusted;
    }

    void distrust() {
        trusted = false;
    }

    /** Returns when the bytes are durable; if it throws, they are not there. */
    void append(byte[] bytes) throws IOException {
        try {
            writeFully(channel, bytes, end);
            channel.force(false);
        } catch (IOException e) {
            trusted = false;
            try {
                channel.truncate(end);
            } catch (IOException more) {
                e.addSuppressed(more);
            }
            throw e;
        }
        end += bytes.length;
    }

    private static void writeFully(FileChannel channel, byte[] bytes, long position) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer, position + buffer.position());
        }
    }

    /** Removes what is there beyond the end. */
    void cutOff() throws IOException {
        channel.truncate(end);
        channel.force(false);
    }

    /** Writes a new file beside this one and puts it in its place, so that at any time it is the one or the other. */
    void replace(byte[] bytes) throws IOException {
        Path fresh = sibling(".new");
        Files.deleteIfExists(fresh);
        FileChannel replacement =
                opener.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE);
        try {
            writeFully(replacement, bytes, 0);
            replacement.force(false);
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            replacement.close();
            Files.deleteIfExists(fresh);
            throw e;
        }
        FileChannel replaced = channel;
        channel = replacement;
        end = bytes.length;
        trusted = false; // until the directory, too, says that this is the journal
        replaced.close();
        try (FileChannel folder = opener.open(path.resolveSibling(""), Set.of(StandardOpenOption.READ))) {
            folder.force(true);
        }
        trusted = true;
    }

    /** Gives the file, which is about to be replaced, a second name, as that needs no room. Returns it. */
    Path keepDamaged() throws IOException {
        Path kept = sibling(".damaged");
        Files.deleteIfExists(kept);
        return Files.createLink(kept, path);
    }

    private Path sibling(String suffix) {
        return path.resolveSibling(path.getFileName() + suffix);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
