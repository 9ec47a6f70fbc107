package io.vireo.services.tpm;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A connection to an emulator. Each command, with its response, must be done within the timeout. */
final class UnixTpmTransport implements TpmTransport {
    private final Path path;
    private final Duration timeout;
    private final SocketChannel channel;
    private final Selector selector;

    UnixTpmTransport(Path path, Duration timeout) throws IOException {
        this.path = path;
        this.timeout = timeout;
        try {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            throw new IOException("no TPM at " + path + ": " + e.getMessage(), e);
        }
        try {
            channel.configureBlocking(false);
            selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public byte[] transact(byte[] command) throws IOException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        ByteBuffer out = ByteBuffer.wrap(command);
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                await(SelectionKey.OP_WRITE, deadlineNs);
            }
        }
        Response response = new Response();
        while (!response.isWhole()) {
            int count = channel.read(response.buffer);
            if (count < 0) {
                throw response.cut();
            }
            if (count == 0) {
                await(SelectionKey.OP_READ, deadlineNs);
            }
        }
        return response.bytes();
    }

    private void await(int operation, long deadlineNs) throws IOException {
        channel.keyFor(selector).interestOps(operation);
        long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime()) + 1;
        if (leftMs <= 0) {
            throw new IOException("the TPM at " + path + " does not answer");
        }
        selector.select(leftMs);
        selector.selectedKeys().clear();
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while waiting for the TPM");
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
