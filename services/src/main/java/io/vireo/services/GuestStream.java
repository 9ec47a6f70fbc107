package io.vireo.services;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/**
 * A connection with a guest, as bytes in both directions. One thread may read while another writes; all may block, and fail
 * with an {@link IOException} that says so when the guest reset the connection.
 */
public interface GuestStream extends Closeable {
    /** Ends where the guest said that it sends no more. A read that takes longer than the timeout fails with a {@link
     * java.net.SocketTimeoutException}. */
    InputStream input();

    /** Waits while the guest takes nothing, as long as the timeout at most. */
    OutputStream output();

    /** How long a read or a write may take; zero, as at the beginning, for any time. */
    void timeout(Duration timeout);

    /** Says that this side sends no more; the guest may go on sending. */
    void shutdownOutput() throws IOException;

    /** Who is there, for log lines: {@code vm1, port 40001}. */
    String peer();

    /** Whose connection it is, for what is bounded by guest; all of a guest's connections say the same. */
    String guest();

    /** Ends both directions; what was written is still delivered. */
    @Override
    void close() throws IOException;
}
