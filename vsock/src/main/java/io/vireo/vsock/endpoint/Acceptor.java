package io.vireo.vsock.endpoint;

/** Decides on connections that the other side of the device asks for. */
@FunctionalInterface
public interface Acceptor {
    /**
     * Somebody wants to be connected: to {@link Connection#local}, from {@link Connection#remote}. Sooner or later it has to be
     * {@link Connection#accept accepted} or {@link Connection#refuse refused}, on the same loop. Must not block.
     */
    void requested(Connection incoming);
}
