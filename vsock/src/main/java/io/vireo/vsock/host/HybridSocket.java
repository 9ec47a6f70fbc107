package io.vireo.vsock.host;

import io.vireo.linux.LinuxException;
import io.vireo.linux.NonBlockingSocket;
import io.vireo.vsock.loop.Task;
import io.vireo.vsock.stream.Pipe;

/**
 * A program of the host on one side, the two pipes of a guest's connection on the other. What one side does not take, the
 * other cannot send: bytes stay in the pipe or in the kernel's buffer. On the loop's thread.
 *
 * <p>The end of the program's bytes ends the guest's input alone, as the program may still read. If it is gone, the next thing
 * that the guest sends finds out, and the connection is reset; so it is at once if it left without reading all that was sent.
 */
final class HybridSocket extends Task {
    /** Bytes a turn and direction, so that one connection does not keep the others waiting. */
    private static final int BUDGET = 262_144;

    private final HybridSockets owner;
    private final NonBlockingSocket socket;
    private final Pipe toGuest;
    private final Pipe fromGuest;

    private int tag;
    private boolean receivedAll;
    private boolean sentAll;
    private boolean closed;

    /**
     * Becomes the producer of {@code toGuest}, the consumer of {@code fromGuest} and the socket's owner.
     *
     * @param socket that nobody watches
     */
    HybridSocket(HybridSockets owner, NonBlockingSocket socket, Pipe toGuest, Pipe fromGuest) {
        super(owner.loop());
        this.owner = owner;
        this.socket = socket;
        this.toGuest = toGuest;
        this.fromGuest = fromGuest;
    }

    void start() {
        try {
            tag = loop().watchBothWays(socket.fd(), this);
        } catch (LinuxException e) {
            owner.count(HybridCounter.SYSTEM_FAILURE);
            closed = true;
            socket.close();
            resetPipes();
            return;
        }
        owner.opened(this);
        toGuest.producer(this::ready);
        fromGuest.consumer(this::ready);
        ready();
    }

    @Override
    protected void run() {
        if (closed) {
            return;
        }
        if (toGuest.isReset() || fromGuest.isReset()) {
            close();
            return;
        }
        try {
            boolean more = receive();
            more |= send();
            if (receivedAll && sentAll) {
                close();
            } else if (more) {
                ready();
            }
        } catch (LinuxException e) {
            owner.count(HybridCounter.SYSTEM_FAILURE);
            reset();
        }
    }

    /** @return whether to go on in the next turn, without anything having to happen before */
    private boolean receive() throws LinuxException {
        int budget = BUDGET;
        while (!closed && !receivedAll && budget > 0) {
            if (toGuest.isAbandoned()) {
                socket.shutdownReceiving();
                receivedAll = true;
                return false;
            }
            int room = Math.min(toGuest.room(), HybridSockets.SCRATCH);
            if (room == 0) {
                toGuest.awaitRoom(toGuest.capacity() / 4);
                return false;
            }
            int count = socket.receive(owner.scratch(), room);
            if (count > 0) {
                toGuest.stage(owner.scratch(), count);
                toGuest.commit(0);
                budget -= count;
            } else if (count == 0) {
                toGuest.end();
                receivedAll = true;
            } else {
                return wasReset(count);
            }
        }
        return !closed && !receivedAll;
    }

    /** @return as {@link #receive} */
    private boolean send() throws LinuxException {
        int budget = BUDGET;
        while (!closed && !sentAll && budget > 0) {
            int length = Math.min(fromGuest.available(), HybridSockets.SCRATCH);
            if (length == 0) {
                if (!fromGuest.isDrained()) {
                    fromGuest.awaitAvailable(1);
                    return false;
                }
                socket.shutdownSending();
                sentAll = true;
                return false;
            }
            fromGuest.copyTo(0, owner.scratch(), length);
            int count = socket.send(owner.scratch(), length);
            if (count < 0) {
                return wasReset(count);
            }
            fromGuest.consume(count);
            budget -= count;
        }
        return !closed && !sentAll;
    }

    /** @return false: whether the socket cannot go on at the moment or not at all, nothing is to be done about it */
    private boolean wasReset(int outcome) {
        if (outcome == NonBlockingSocket.RESET) {
            owner.count(HybridCounter.HOST_RESET);
            reset();
        }
        return false;
    }

    /** Ends both sides; the guest hears of it. */
    void reset() {
        resetPipes();
        close();
    }

    private void resetPipes() {
        toGuest.reset();
        fromGuest.reset();
    }

    private void close() {
        if (!closed) {
            closed = true;
            owner.unwatch(socket, tag);
            socket.close();
            owner.closed(this);
        }
    }
}
