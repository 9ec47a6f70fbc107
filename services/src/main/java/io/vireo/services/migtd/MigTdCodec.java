package io.vireo.services.migtd;

/** Writes and checks what is in front of the messages of one direction of a connection; for one thread. */
abstract sealed class MigTdCodec permits NativeCodec, PacketCodec {
    /** Bytes of a message at most, of which a buffer takes a piece a time. */
    static final int MAX_MESSAGE = 16 << 20;

    /** Bytes in front of a message. */
    abstract int headerSize();

    /** Whether this framing can tell anything but messages. */
    abstract boolean carries(MigTdOperation operation);

    /** Writes the header of the next message into the first {@link #headerSize} bytes. */
    abstract void write(MigTdOperation operation, long migRequestId, int status, int length, byte[] into);

    /**
     * Checks the header in the first bytes.
     *
     * @return how many bytes follow it
     */
    abstract int read(byte[] from) throws MigTdProtocolException;

    /** Checks that the last header read is of this operation and migration, as far as headers tell. */
    abstract void expect(MigTdOperation operation, long migRequestId) throws MigTdProtocolException;

    /** The status of the last header read; 0 where headers have none. */
    int lastStatus() {
        return 0;
    }

    static int checkLength(int length) throws MigTdProtocolException {
        if (Integer.compareUnsigned(length, MAX_MESSAGE) > 0) {
            throw new MigTdProtocolException(
                    MigTdProtocolException.Kind.TOO_LONG,
                    "a message of " + Integer.toUnsignedString(length) + " bytes, " + MAX_MESSAGE + " at most");
        }
        return length;
    }
}
