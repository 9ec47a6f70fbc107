package io.vireo.vsock;

import org.jspecify.annotations.Nullable;

/** What a connection carries (virtio 1.3, 5.10.6.3). */
public enum VsockType {
    /** Bytes, in order. */
    STREAM(1),
    /** Messages, whole and in order. */
    SEQPACKET(2);

    /** On the wire. */
    public final int code;

    VsockType(int code) {
        this.code = code;
    }

    /** @return null if there is no such type */
    public static @Nullable VsockType of(int code) {
        return switch (code) {
            case 1 -> STREAM;
            case 2 -> SEQPACKET;
            default -> null;
        };
    }
}
