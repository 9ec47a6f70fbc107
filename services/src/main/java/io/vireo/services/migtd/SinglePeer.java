package io.vireo.services.migtd;

import io.vireo.services.GuestStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The one connection that there is. */
final class SinglePeer implements PeerSource {
    private final AtomicReference<@Nullable GuestStream> stream;

    SinglePeer(GuestStream stream) {
        this.stream = new AtomicReference<>(stream);
    }

    @Override
    public GuestStream next() throws IOException {
        GuestStream only = stream.getAndSet(null);
        if (only == null) {
            throw new IOException("the connection has ended, and there is no other");
        }
        return only;
    }

    @Override
    public void close() throws IOException {
        GuestStream unused = stream.getAndSet(null);
        if (unused != null) {
            unused.close();
        }
    }
}
