package io.vireo.router.leases;

import java.io.ByteArrayOutputStream;
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
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file behind a {@link LeaseBook}: records are appended to it, and become durable together. When most of them are out of
 * date, a new file takes its place.
 *
 * <p>After a failure nothing is taken for granted, as the kernel may then have dropped pages that it calls clean: what was
 * appended is cut off, and the next commit writes all that the book knows into a new file.
 */
final class Journal implements AutoCloseable {
    static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    /** Compacted when there are this many records more than twice those that are needed. */
    private static final int SPARE_RECORDS = 1024;

    /** How files are opened. */
    interface Opener {
        Opener FILES = FileChannel::open;

        FileChannel open(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException;
    }

    private final Path file;
    private final Opener opener;
    private final JournalLock lock;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private FileChannel channel;
    private long end;
    private int pendingRecords;
    private int records;
    private int compactAt;
    private boolean untrusted;
    private boolean failing;

    /** The file as it was found, if it is there and is more than the beginning of a header. */
    private Journal(Path file, Opener opener, JournalLock lock, FileChannel channel) {
        this.file = file;
        this.opener = opener;
        this.lock = lock;
        this.channel = channel;
    }

    /**
     * Opens a journal, or begins one, and reads it. A torn tail is cut off. Damage further up costs the records it struck
     * and no others; the file as it was is kept beside it, and the next commit writes a new one.
     *
     * @param reader is given each record, in the order they were written
     * @throws IOException if it is in use, cannot be read or written, or is no journal; the message says which
     */
    static Journal open(Path path, Opener opener, Consumer<LeaseRecord> reader) throws IOException {
        Path file = real(path);
        JournalLock lock = JournalLock.take(file);
        try {
            return open(file, opener, lock, reader);
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    /** One name for one file: the lock's name is derived from it. */
    private static Path real(Path path) throws IOException {
        if (Files.exists(path)) {
            return path.toRealPath();
        }
        Path absolute = path.toAbsolutePath();
        Path folder = absolute.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException("there is no directory %s for the lease journal".formatted(folder));
        }
        return folder.toRealPath().resolve(absolute.getFileName());
    }

    private static Journal open(Path file, Opener opener, JournalLock lock, Consumer<LeaseRecord> reader)
            throws IOException {
        byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        JournalFormat.Contents contents;
        try {
            contents = JournalFormat.read(bytes);
        } catch (IOException e) {
            throw new IOException("%s cannot be used: %s".formatted(file, e.getMessage()), e);
        }
        contents.records().forEach(reader);
        reportTail(file, contents, bytes.length);
        boolean begins = contents.end() == 0;
        FileChannel channel = opener.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PRIVATE);
        Journal journal = new Journal(file, opener, lock, channel);
        try {
            if (begins) {
                journal.replace(Set.of());
            } else {
                journal.resume(contents, bytes.length);
            }
        } catch (IOException e) {
            journal.channel.close();
            throw e;
        }
        return journal;
    }

    private static void reportTail(Path file, JournalFormat.Contents contents, int length) {
        if (contents.end() < length) {
            LOG.warn(
                    "{}: the last {} bytes, from byte {} on, are no whole record and were cut off",
                    file,
                    length - contents.end(),
                    contents.end());
        }
    }

    private void resume(JournalFormat.Contents contents, int length) throws IOException {
        end = contents.end();
        records = contents.records().size();
        if (!contents.gaps().isEmpty()) {
            untrusted = true;
            LOG.error(
                    "{}: {} bytes in {} places, the first at byte {}, are damaged: leases may be lost and given to others;"
                            + " all other records were read; {}",
                    file,
                    contents.gaps().stream().mapToInt(JournalFormat.Gap::length).sum(),
                    contents.gaps().size(),
                    contents.gaps().getFirst().offset(),
                    keepDamaged());
        }
        if (end < length) {
            channel.truncate(end);
            channel.force(false);
        }
    }

    /** A second name for the file, which is about to be replaced, as that needs no room. Returns what became of it. */
    private String keepDamaged() {
        Path kept = file.resolveSibling(file.getFileName() + ".damaged");
        try {
            Files.deleteIfExists(kept);
            Files.createLink(kept, file);
            return "the file as it was is " + kept;
        } catch (IOException | UnsupportedOperationException e) {
            return "the file as it was could not be kept: " + e.getMessage();
        }
    }

    /** Writes the journal anew if it is damaged, or if the caller has a reason; it can do without. */
    void tidy(boolean wanted, Supplier<Collection<LeaseRecord>> all) {
        Collection<LeaseRecord> needed = all.get();
        compactAt = 2 * needed.size() + SPARE_RECORDS;
        if (wanted || untrusted || records > compactAt) {
            tryCompact(needed);
        }
    }

    /** Adds a record to those that the next commit makes durable. */
    void append(LeaseRecord entry) {
        pending.writeBytes(JournalFormat.encode(entry));
        pendingRecords++;
    }

    /**
     * Makes the appended records durable.
     *
     * @param all every record that is needed, the appended ones included, for when the file has to be written anew
     * @return false if that failed; the appended records are forgotten
     */
    boolean commit(Supplier<Collection<LeaseRecord>> all) {
        boolean interrupted = Thread.interrupted(); // or the channel closes itself
        try {
            if (untrusted) {
                replace(all.get());
            } else if (pendingRecords > 0) {
                write();
                if (records > compactAt) {
                    tryCompact(all.get());
                }
            }
            reportRecovery();
            return true;
        } catch (IOException e) {
            reportFailure(e);
            return false;
        } finally {
            pending.reset();
            pendingRecords = 0;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void write() throws IOException {
        try {
            writeFully(channel, pending.toByteArray(), end);
            channel.force(false);
        } catch (IOException e) {
            untrusted = true;
            channel.truncate(end); // what is there of the records, as nobody is told of them
            throw e;
        }
        end += pending.size();
        records += pendingRecords;
    }

    private static void writeFully(FileChannel channel, byte[] bytes, long position) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer, position + buffer.position());
        }
    }

    /** The records are durable already, so that a failure costs nothing but the room. */
    private void tryCompact(Collection<LeaseRecord> all) {
        try {
            replace(all);
        } catch (IOException e) {
            compactAt = 2 * records;
            LOG.warn("{} was not compacted: {}", file, e.getMessage());
        }
    }

    /** Writes a new file beside the journal and puts it in its place; the journal is the one or the other at any time. */
    private void replace(Collection<LeaseRecord> all) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(JournalFormat.header());
        all.forEach(entry -> bytes.writeBytes(JournalFormat.encode(entry)));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        FileChannel replacement =
                opener.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE);
        try {
            writeFully(replacement, bytes.toByteArray(), 0);
            replacement.force(false);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            replacement.close();
            Files.deleteIfExists(fresh);
            throw e;
        }
        FileChannel replaced = channel;
        channel = replacement;
        end = bytes.size();
        records = all.size();
        compactAt = 2 * records + SPARE_RECORDS;
        untrusted = true; // until the directory, too, says that this is the journal
        replaced.close();
        try (FileChannel folder = opener.open(folder(), Set.of(StandardOpenOption.READ))) {
            folder.force(true);
        }
        untrusted = false;
    }

    private Path folder() {
        Path folder = file.getParent();
        return folder == null ? Path.of("") : folder;
    }

    /** Once for a row of failures: guests ask again and again. */
    private void reportFailure(IOException e) {
        if (!failing) {
            LOG.error("{} cannot be written; no leases are given or extended until it can: {}", file, e.getMessage());
        }
        failing = true;
    }

    private void reportRecovery() {
        if (failing) {
            LOG.info("{} can be written again", file);
        }
        failing = false;
    }

    /** Does not commit. */
    @Override
    public void close() throws IOException {
        channel.close();
        lock.close();
    }
}
