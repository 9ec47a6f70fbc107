package io.vireo.appliance.services;

import io.vireo.services.GuestStream;
import io.vireo.vsock.stream.VsockStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** A vsock connection as services know connections. */
final class VsockGuestStream implements GuestStream {
    private final VsockStream stream;

    VsockGuestStream(VsockStream stream) {
        this.stream = stream;
    }

    @Override
    public InputStream input() {
        return stream.input();
    }

    @Override
    public OutputStream output() {
        return stream.output();
    }

    @Override
    public void timeout(Duration timeout) {
        stream.readTimeout(timeout);
        stream.writeTimeout(timeout);
    }

    @Override
    public void shutdownOutput() {
        stream.shutdownOutput();
    }

    @Override
    public String peer() {
        return "guest " + stream.remote();
    }

    @Override
    public String guest() {
        return Integer.toUnsignedString(stream.remote().cid());
    }

    @Override
    public void close() {
        stream.close();
    }
}
