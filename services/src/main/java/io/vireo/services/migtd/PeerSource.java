package io.vireo.services.migtd;

import io.vireo.services.GuestStream;
import java.io.Closeable;
import java.io.IOException;

/** Where a connection with the other side comes from. */
interface PeerSource extends Closeable {
    /** A connection for the caller alone, who closes it; waits, and fails when it has waited long enough. */
    GuestStream next() throws IOException;

    @Override
    default void close() throws IOException {}
}
