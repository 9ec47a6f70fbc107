package io.vireo.services.vcomlink;

import java.io.IOException;

/** A packet that is none, or asks for what there is not. The guest is not told why, the message is for logs. */
public final class MalformedPacketException extends IOException {
    private static final long serialVersionUID = 1;

    public MalformedPacketException(String message) {
        super(message);
    }

    MalformedPacketException(String message, IOException cause) {
        super(message, cause);
    }
}
