package io.vireo.benchmarks.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be undone, the last first, when a run ends: also when it ends because this process is asked to (Ctrl-C,
 * SIGTERM). For any thread.
 */
public final class Cleanup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);

    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final Thread hook = Thread.ofPlatform().name("cleanup").unstarted(this::undo);
    private boolean closed;

    public Cleanup() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Takes a resource over. @throws IllegalStateException if all has been undone already; so is this one then */
    public synchronized <T extends AutoCloseable> T own(T resource) {
        owned.push(resource);
        if (closed) {
            undo();
            throw new IllegalStateException("ended");
        }
        return resource;
    }

    /** A new folder, which is removed with all that is in it. */
    public Path folder(String prefix) throws IOException {
        Path folder = Files.createTempDirectory(prefix);
        own(() -> delete(folder));
        return folder;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Whether all has been undone. */
    public synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void undo() {
        closed = true;
        while (!owned.isEmpty()) {
            AutoCloseable resource = owned.pop();
            try {
                resource.close();
            } catch (Exception e) {
                LOG.warn("{} was not cleaned up", resource, e);
            }
        }
    }

    @Override
    public void close() {
        undo();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("the process is ending", e); // and the hook finds nothing left to do
        }
    }
}
