package io.vireo.vhostuser.backend;

import io.vireo.linux.LinuxException;
import io.vireo.linux.UnixSocket;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects to a socket on which the frontend listens (vhost-user, "Communication": client mode), as soon as there is one,
 * and again whenever it has left, for as long as it takes. The file is the frontend's, and what becomes of it is no matter.
 *
 * <p>Pauses grow while attempts fail, or end at once, so that a frontend that is away, or one that hangs up on whoever
 * connects, costs next to nothing; none is longer than a second.
 */
final class VhostUserClient extends VhostUserBackend {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserClient.class);
    private static final long SHORTEST_NS = TimeUnit.MILLISECONDS.toNanos(50);
    static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(1);

    private final Path path;

    /** Errors that were logged since a session last went well. */
    private final Set<Integer> told = new HashSet<>();

    private long pauseNs = SHORTEST_NS;

    VhostUserClient(Path path, VhostUserDevice device) {
        super(device, GuestLog.of(device.name()));
        this.path = path;
    }

    @Override
    void serveAll() {
        while (!isClosed()) {
            UnixSocket socket = tryConnect();
            long startNs = System.nanoTime();
            if (socket != null) {
                serve(socket);
            }
            if (System.nanoTime() - startNs >= LONGEST_NS) { // it was a session
                pauseNs = SHORTEST_NS;
                told.clear();
            } else {
                pause(pauseNs);
                pauseNs = longer(pauseNs);
            }
        }
    }

    static long longer(long pauseNs) {
        return Math.min(2 * pauseNs, LONGEST_NS);
    }

    private @Nullable UnixSocket tryConnect() {
        try {
            return UnixSocket.connectNow(path);
        } catch (LinuxException e) {
            if (told.add(e.errno())) {
                LOG.info("{}: {}; trying until its frontend listens there", name(), e.getMessage());
            }
            return null;
        }
    }

    @Override
    @Nullable
    Succession succession() {
        return null;
    }

    @Override
    void stopWaiting() {
        // it waits in a pause, which close() ends
    }

    @Override
    void release() {
        // nothing is its own
    }
}
