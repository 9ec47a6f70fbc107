package io.vireo.services.migtd;

import java.io.IOException;

/** Bytes from the other side that are no message; the connection they came by is of no use any more. */
public final class MigTdProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    /** In what way. */
    public enum Kind {
        /** A message longer than {@link MigTdCodec#MAX_MESSAGE}. */
        TOO_LONG,
        /** An operation that there is none of, or another one than now. */
        WRONG_OPERATION,
        /** A packet's number is not the one after its predecessor's. */
        SEQUENCE_GAP,
        /** A packet of another migration. */
        WRONG_REQUEST,
        /** A message whose sender says that it failed. */
        PEER_FAILED,
        /** The other side ended the connection within a message. */
        TRUNCATED,
        /** The other side dawdles within a message. */
        STALLED
    }

    private final Kind kind;

    MigTdProtocolException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
