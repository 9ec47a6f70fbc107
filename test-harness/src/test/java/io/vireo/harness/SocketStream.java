package io.vireo.harness;

import io.vireo.services.GuestStream;
import io.vireo.vsock.guest.VsockSocket;
import io.vireo.vsock.guest.VsockSocketOption;
import io.vireo.vsock.stream.VsockException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;

/** A guest's socket, connected, as services see a connection: what they are made of runs inside of a guest as well. */
record SocketStream(VsockSocket socket) implements GuestStream {
    @Override
    public InputStream input() {
        try {
            return socket.input();
        } catch (VsockException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public OutputStream output() {
        try {
            return socket.output();
        } catch (VsockException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For reads alone; the socket has no other. */
    @Override
    public void timeout(Duration timeout) {
        try {
            socket.setsockopt(VsockSocketOption.RECEIVE_TIMEOUT, timeout);
        } catch (VsockException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        socket.shutdown(VsockSocket.How.SEND);
    }

    @Override
    public String peer() {
        return "host";
    }

    @Override
    public String guest() {
        return "host";
    }

    @Override
    public void close() {
        socket.close();
    }
}
