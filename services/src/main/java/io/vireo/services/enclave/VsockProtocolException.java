package io.vireo.services.enclave;

import java.io.IOException;

/** Why a message could not be read or written with the {@link VsockProtocol}. */
public abstract sealed class VsockProtocolException extends IOException {
    private static final long serialVersionUID = 1;

    private VsockProtocolException(String message) {
        super(message);
    }

    private VsockProtocolException(String message, IOException cause) {
        super(message, cause);
    }

    /** What came does not begin as a message does. */
    public static final class InvalidMagicBytesError extends VsockProtocolException {
        private static final long serialVersionUID = 1;

        private final int magic;

        InvalidMagicBytesError(int magic) {
            super("a message begins with 0x%08x and not with VSOK".formatted(magic));
            this.magic = magic;
        }

        /** The four bytes that came instead, the first one highest. */
        public int magic() {
            return magic;
        }
    }

    /** A payload of more than {@link MessageHeader#MAX_TOTAL_LENGTH} bytes. */
    public static final class MessageTooLargeError extends VsockProtocolException {
        private static final long serialVersionUID = 1;

        private final long length;

        MessageTooLargeError(long length) {
            super("a message of %d bytes, at most %d are allowed".formatted(length, MessageHeader.MAX_TOTAL_LENGTH));
            this.length = length;
        }

        /** The bytes of the payload, or what its header claims. */
        public long length() {
            return length;
        }
    }

    /** A message without payload. */
    public static final class InvalidTotalLengthError extends VsockProtocolException {
        private static final long serialVersionUID = 1;

        InvalidTotalLengthError() {
            super("a message of 0 bytes, at least 1 is needed");
        }
    }

    /** The stream failed, or ended where a message does not. */
    public static final class IoError extends VsockProtocolException {
        private static final long serialVersionUID = 1;

        /** @param where what was being done, and how far it was */
        IoError(String where, IOException cause) {
            super(where + ": " + cause.getMessage(), cause);
        }
    }
}
