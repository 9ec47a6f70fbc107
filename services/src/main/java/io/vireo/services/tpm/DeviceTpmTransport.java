package io.vireo.services.tpm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The kernel's TPM device: a command is one write, and its response, for which the read waits, usually one read. */
final class DeviceTpmTransport implements TpmTransport {
    private static final int TYPE_MASK = 0170000;
    private static final int CHARACTER_DEVICE = 0020000;

    private final FileChannel channel;

    DeviceTpmTransport(Path path) throws IOException {
        try {
            if (((int) Files.getAttribute(path, "unix:mode") & TYPE_MASK) != CHARACTER_DEVICE) {
                throw new IOException("it is no device"); // A command would overwrite a file.
            }
            channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("no TPM at " + path + ": " + e.getMessage(), e);
        }
    }

    @Override
    public byte[] transact(byte[] command) throws IOException {
        int written = channel.write(ByteBuffer.wrap(command));
        if (written != command.length) {
            throw new IOException("the TPM took %d bytes of a command of %d".formatted(written, command.length));
        }
        Response response = new Response();
        while (!response.isWhole()) {
            if (channel.read(response.buffer) <= 0) {
                throw response.cut();
            }
        }
        return response.bytes();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
