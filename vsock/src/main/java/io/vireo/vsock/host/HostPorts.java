package io.vireo.vsock.host;

import io.vireo.vhostuser.backend.GuestLog;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ports on which the appliance itself answers its guests. For any thread. */
final class HostPorts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostPorts.class);

    /** Handlers of a guest that run at a time; one runs on for a while when its connection is over. */
    static final int MOST_A_GUEST = 1024;

    /** What there is of each guest. */
    private record Visitor(Semaphore permit, GuestLog log) {}

    private final Map<Integer, StreamHandler> handlers;
    private final Map<String, Visitor> visitors = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("service-", 0).factory());

    HostPorts(Map<Integer, StreamHandler> handlers) {
        this.handlers = Map.copyOf(handlers);
    }

    /** Serves a connection if its port is one of these. @return whether it is */
    boolean take(String guest, Connection incoming) {
        StreamHandler handler = handlers.get(incoming.local().port());
        if (handler == null || incoming.type() != VsockType.STREAM) {
            return false;
        }
        Visitor visitor =
                visitors.computeIfAbsent(guest, name -> new Visitor(new Semaphore(MOST_A_GUEST), GuestLog.of(name)));
        if (!visitor.permit().tryAcquire()) { // it opens and resets connections faster than anybody can serve them
            incoming.refuse();
            return true;
        }
        VsockStream stream = incoming.accept();
        threads.execute(() -> {
            try {
                handle(guest, handler, stream, visitor.log());
            } finally {
                visitor.permit().release();
            }
        });
        return true;
    }

    private static void handle(String guest, StreamHandler handler, VsockStream stream, GuestLog log) {
        try (stream) {
            handler.handle(stream);
        } catch (IOException e) {
            LOG.debug("{}: connection to {} ended: {}", guest, stream.local(), e.getMessage());
        } catch (RuntimeException | Error e) { // for want of memory, say: this connection pays
            log.error("connection to " + stream.local() + " ended by a failure of our own", e);
            stream.abort();
        }
    }

    /** Ends when all connections have; those that still are were reset before. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
