package io.vireo.services.enclave;

import java.io.IOException;

/** Why a message could not be read or written with the {@link SimpleMessageProtocol}: its size, or the stream. */
public final class SimpleMessageException extends Exception {
    private static final long serialVersionUID = 1;

    SimpleMessageException(String message) {
        super(message);
    }

    SimpleMessageException(String where, IOException cause) {
        super(where + ": " + cause.getMessage(), cause);
    }
}
