package io.vireo.vsock.endpoint;

import io.vireo.vsock.stream.Pipe;
import org.jspecify.annotations.Nullable;

/** A device's rings, from either side, as an {@link Endpoint} sends packets into them. On the loop's thread. */
public interface PacketPort {
    /** What {@link #sendRoom} answers when there is no buffer. */
    int NONE = -1;

    /** Bytes of payload that the next packet can have, or {@link #NONE}. */
    int sendRoom();

    /**
     * Sends a packet into the buffer that {@link #sendRoom} told of.
     *
     * @param header absolute address of a header that is complete
     * @param payload whose next bytes are its payload, which stay in the pipe; null if it has none
     * @param length of the payload, at most the room
     */
    void send(long header, @Nullable Pipe payload, int length);

    /** There is something to send: asks to be served soon, which {@link Endpoint#pump} does. */
    void wantToSend();
}
