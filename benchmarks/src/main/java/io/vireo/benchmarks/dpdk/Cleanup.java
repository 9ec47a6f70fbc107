package io.vireo.benchmarks.dpdk;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be undone, the last first, when a run ends: also when it ends because this process is asked to (Ctrl-C,
 * SIGTERM). For any thread.
 */
final class Cleanup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);

    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final Thread hook = Thread.ofPlatform().name("cleanup").unstarted(this::undo);
    private boolean closed;

    Cleanup() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Takes a resource over. @throws IllegalStateException if all has been undone already; so is this one then */
    synchronized <T extends AutoCloseable> T own(T resource) {
        owned.push(resource);
        if (closed) {
            undo();
            throw new IllegalStateException("ended");
        }
        return resource;
    }

    /** Whether all has been undone. */
    synchronized boolean isClosed() {
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
