package io.vireo.fuzz;

import io.vireo.services.GuestStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** A guest's connection that has said all it will say, and takes everything. */
public final class FakeStream implements GuestStream {
    private final InputStream input;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    public FakeStream(InputStream input) {
        this.input = input;
    }

    /** What was sent to the guest. */
    public byte[] sent() {
        return output.toByteArray();
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public void timeout(Duration timeout) {
        FuzzTarget.claim(!timeout.isNegative(), "a timeout");
    }

    @Override
    public void shutdownOutput() {
        throw new AssertionError("the caller's");
    }

    @Override
    public String peer() {
        return "fuzz, port 1";
    }

    @Override
    public String guest() {
        return "fuzz";
    }

    @Override
    public void close() {
        throw new AssertionError("the caller's");
    }
}
