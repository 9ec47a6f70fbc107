package io.vireo.services;

import java.io.IOException;
import java.util.Map;

/** Something that guests ask their host: blocking code, called for each connection on a virtual thread of its own. */
public interface GuestService extends AutoCloseable {
    /** For log lines and thread names. */
    String name();

    /** Serves a connection until it is done, and leaves closing it to the caller. */
    void serve(GuestStream stream) throws IOException;

    /** What was counted, of all guests together; the names of the counters are shown. For any thread. */
    default Map<? extends Enum<?>, Long> counters() {
        return Map.of();
    }

    /** Releases what connections have in common; none is served any more. */
    @Override
    default void close() {}
}
