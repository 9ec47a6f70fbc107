package io.vireo.services.tpm;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Carries commands to a TPM, one at a time, for one thread. */
interface TpmTransport extends Closeable {
    /**
     * Sends a command and waits for its response.
     *
     * @return the whole response, with its header
     * @throws IOException if there is none in time, or it is not as long as its header says; nothing more can be sent then
     */
    byte[] transact(byte[] command) throws IOException;

    /** Makes transports. */
    @FunctionalInterface
    interface Opener {
        TpmTransport open() throws IOException;
    }

    /**
     * Connects to a TPM.
     *
     * @param timeout how long an emulator may take for a command; how long a real TPM may is the kernel's decision
     */
    static TpmTransport open(TpmAddress address, Duration timeout) throws IOException {
        return switch (address) {
            case TpmAddress.Unix(var path) -> new UnixTpmTransport(path, timeout);
            case TpmAddress.Device(var path) -> new DeviceTpmTransport(path);
        };
    }

    /** A response as it arrives (TPM 2.0 Library, part 1, 18.1: tag u16, size u32, response code u32, big endian). */
    final class Response {
        static final int HEADER_SIZE = 10;
        /** Larger than any response of a TPM, whose buffers are of 4096 bytes. */
        static final int MAX_SIZE = 8192;

        private static final int SIZE_OFFSET = 2;

        final ByteBuffer buffer = ByteBuffer.allocate(MAX_SIZE);

        /** Whether all of it has come. */
        boolean isWhole() throws IOException {
            if (buffer.position() < HEADER_SIZE) {
                return false;
            }
            long size = Integer.toUnsignedLong(buffer.getInt(SIZE_OFFSET));
            if (size < HEADER_SIZE || size > MAX_SIZE || size < buffer.position()) {
                throw new IOException(
                        "%d bytes of a response of the TPM that says it has %d".formatted(buffer.position(), size));
            }
            return size == buffer.position();
        }

        /** For a transport that has ended. */
        IOException cut() {
            return new IOException("the TPM went away after %d bytes of its response".formatted(buffer.position()));
        }

        byte[] bytes() {
            byte[] bytes = new byte[buffer.position()];
            buffer.flip().get(bytes);
            return bytes;
        }
    }
}
