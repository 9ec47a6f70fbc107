package io.vireo.router.leases;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One process at a time, and one book in it. The lock is on a file of its own, beside the journal, which compaction replaces;
 * it ends with the process, however that ends. The file stays: whoever removed it would take the lock off another process.
 */
final class JournalLock implements AutoCloseable {
    /** Files that are not even to be opened: a process that closes one, through whatever channel, loses its locks (fcntl(2)). */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private JournalLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * @param journal without symbolic links
     * @throws IOException if the journal is in use, saying so
     */
    static JournalLock take(Path journal) throws IOException {
        Path file = journal.resolveSibling(journal.getFileName() + ".lock");
        if (!HELD.add(file)) {
            throw inUse(journal);
        }
        try {
            return lock(file, journal);
        } catch (IOException e) {
            HELD.remove(file);
            throw e;
        }
    }

    private static JournalLock lock(Path file, Path journal) throws IOException {
        FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), JournalFile.PRIVATE);
        try {
            if (channel.tryLock() == null) {
                throw inUse(journal);
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new JournalLock(file, channel);
    }

    private static IOException inUse(Path journal) {
        return new IOException("the lease journal %s is in use by another process".formatted(journal));
    }

    @Override
    public void close() throws IOException {
        channel.close();
        HELD.remove(file);
    }
}
