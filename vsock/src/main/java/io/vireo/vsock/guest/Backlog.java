package io.vireo.vsock.guest;

import io.vireo.vsock.stream.VsockStream;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Connections that a listening socket was asked for and nobody has accepted yet. */
final class Backlog {
    private final int limit;
    private final ArrayDeque<VsockStream> waiting = new ArrayDeque<>();
    private boolean closed;

    Backlog(int limit) {
        this.limit = limit;
    }

    /** For who adds, alone. */
    synchronized boolean hasRoom() {
        return !closed && waiting.size() < limit;
    }

    synchronized void add(VsockStream stream) {
        if (closed) {
            stream.abort();
            return;
        }
        waiting.add(stream);
        notify();
    }

    /** @param timeoutNs 0 for any time @return null if it was closed, or if none came within the time */
    synchronized @Nullable VsockStream take(long timeoutNs) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeoutNs;
        while (waiting.isEmpty() && !closed) {
            if (timeoutNs == 0) {
                wait();
                continue;
            }
            long leftNs = deadlineNs - System.nanoTime();
            if (leftNs <= 0) {
                return null;
            }
            TimeUnit.NANOSECONDS.timedWait(this, leftNs);
        }
        return waiting.poll();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Resets those who wait, as who listened is gone. */
    synchronized void close() {
        closed = true;
        waiting.forEach(VsockStream::abort);
        waiting.clear();
        notifyAll();
    }
}
