package io.vireo.router.leases;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is behind a {@link LeaseBook}: records are appended, and become durable together. When most of them are out of date,
 * or after a failure, those that are needed are written anew.
 */
final class Journal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    /** Compacted when there are this many records more than twice those that are needed. */
    private static final int SPARE_RECORDS = 1024;

    private final JournalFile file;
    private final JournalLock lock;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private int pendingRecords;
    private int records;
    private int compactAt;
    private boolean failing;

    private Journal(JournalFile file, JournalLock lock, int records) {
        this.file = file;
        this.lock = lock;
        this.records = records;
    }

    /**
     * Opens a journal, or begins one, and reads it. A torn tail is cut off. Damage further up costs the records it struck
     * and no others: refusing to start would cost all of them. The file as it was is then kept beside it.
     *
     * @param reader is given each record, in the order they were written
     * @throws IOException if it is in use, cannot be read or written, or is no journal; the message says which
     */
    static Journal open(Path path, JournalFile.Opener opener, Consumer<LeaseRecord> reader) throws IOException {
        Path real = real(path);
        JournalLock lock = JournalLock.take(real);
        try {
            return open(real, opener, lock, reader);
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

    private static Journal open(Path path, JournalFile.Opener opener, JournalLock lock, Consumer<LeaseRecord> reader)
            throws IOException {
        byte[] bytes = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
        JournalFormat.Contents contents;
        try {
            contents = JournalFormat.read(bytes);
        } catch (IOException e) {
            throw new IOException("%s cannot be used: %s".formatted(path, e.getMessage()), e);
        }
        contents.records().forEach(reader);
        JournalFile file = JournalFile.open(path, contents.end(), opener);
        Journal journal = new Journal(file, lock, contents.records().size());
        try {
            reportGaps(file, contents.gaps());
            if (contents.end() < bytes.length) {
                reportTail(path, contents.end(), bytes.length);
                file.cutOff();
            }
            if (contents.end() == 0) { // not even a header
                journal.replace(Set.of());
            }
        } catch (IOException e) {
            file.close();
            throw e;
        }
        return journal;
    }

    private static void reportTail(Path path, int end, int length) {
        LOG.warn(
                "{}: the last {} bytes, from byte {} on, are no whole record and were cut off",
                path,
                length - end,
                end);
    }

    private static void reportGaps(JournalFile file, List<JournalFormat.Gap> gaps) {
        if (gaps.isEmpty()) {
            return;
        }
        file.distrust();
        String kept;
        try {
            kept = "the file as it was is " + file.keepDamaged();
        } catch (IOException | UnsupportedOperationException e) {
            kept = "the file as it was could not be kept: " + e.getMessage();
        }
        LOG.error(
                "{}: {} bytes in {} places, the first at byte {}, are damaged: leases may be lost and given to others;"
                        + " all other records were read; {}",
                file.path(),
                gaps.stream().mapToInt(JournalFormat.Gap::length).sum(),
                gaps.size(),
                gaps.getFirst().offset(),
                kept);
    }

    /** Writes the journal anew if it is damaged, or if the caller has a reason; it can do without. */
    void tidy(boolean wanted, Supplier<Collection<LeaseRecord>> all) {
        Collection<LeaseRecord> needed = all.get();
        compactAt = 2 * needed.size() + SPARE_RECORDS;
        if (wanted || !file.isTrusted() || records > compactAt) {
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
            if (!file.isTrusted()) {
                replace(all.get());
            } else if (pendingRecords > 0) {
                file.append(pending.toByteArray());
                records += pendingRecords;
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

    /** The records are durable already, so that a failure costs nothing but the room. */
    private void tryCompact(Collection<LeaseRecord> all) {
        try {
            replace(all);
        } catch (IOException e) {
            compactAt = 2 * records;
            LOG.warn("{} was not compacted: {}", file.path(), e.getMessage());
        }
    }

    private void replace(Collection<LeaseRecord> all) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(JournalFormat.header());
        all.forEach(entry -> bytes.writeBytes(JournalFormat.encode(entry)));
        file.replace(bytes.toByteArray());
        records = all.size();
        compactAt = 2 * records + SPARE_RECORDS;
    }

    /** Once for a row of failures: guests ask again and again. */
    private void reportFailure(IOException e) {
        if (!failing) {
            LOG.error(
                    "{} cannot be written; no leases are given or extended until it can: {}",
                    file.path(),
                    e.getMessage());
        }
        failing = true;
    }

    private void reportRecovery() {
        if (failing) {
            LOG.info("{} can be written again", file.path());
        }
        failing = false;
    }

    /** Does not commit. */
    @Override
    public void close() throws IOException {
        file.close();
        lock.close();
    }
}
