package io.vireo.router.leases;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One process at a time. The lock is on a file of its own, beside the journal, which compaction replaces; it ends with the
 * process, however that ends. The file stays: whoever removed it would take the lock off another process.
 */
final class JournalLock implements AutoCloseable {
    private final FileChannel channel;

    private JournalLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws IOException if the journal is in use, saying so */
    static JournalLock take(Path journal) throws IOException {
        Path file = journal.resolveSibling(journal.getFileName() + ".lock");
        FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), JournalFile.PRIVATE);
        try {
            if (tryLock(channel) == null) {
                throw new IOException("the lease journal %s is in use by another process".formatted(journal));
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new JournalLock(channel);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) { // another book of this process
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
