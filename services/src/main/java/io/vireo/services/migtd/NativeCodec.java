package io.vireo.services.migtd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** {@link MigTdFraming#NATIVE}: a length, and no word about what it is the length of. */
final class NativeCodec extends MigTdCodec {
    @Override
    int headerSize() {
        return Integer.BYTES;
    }

    @Override
    boolean carries(MigTdOperation operation) {
        return operation == MigTdOperation.SEND;
    }

    @Override
    void write(MigTdOperation operation, long migRequestId, int status, int length, byte[] into) {
        ByteBuffer.wrap(into).order(ByteOrder.LITTLE_ENDIAN).putInt(0, length);
    }

    @Override
    int read(byte[] from) throws MigTdProtocolException {
        return checkLength(ByteBuffer.wrap(from).order(ByteOrder.LITTLE_ENDIAN).getInt(0));
    }

    @Override
    void expect(MigTdOperation operation, long migRequestId) {}
}
