package io.vireo.vsock.host;

import io.vireo.linux.LinuxException;
import io.vireo.linux.NonBlockingSocket;
import io.vireo.vsock.endpoint.ConnectListener;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.loop.Task;
import io.vireo.vsock.stream.Pipe;
import io.vireo.vsock.stream.VsockError;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A program of the host that has connected and is not connected to the guest yet: it has to say to which port, and then the
 * guest to accept. Whoever says anything else, or nothing for too long, is left without a word. On the loop's thread.
 */
final class HybridGreeting extends Task implements ConnectListener {
    private enum State {
        READING,
        CONNECTING,
        DONE
    }

    private final HybridSockets owner;
    private final NonBlockingSocket socket;
    private final long deadlineNs;

    /** The line, and what may follow it at once. */
    private final byte[] received = new byte[ConnectLine.MAX_BYTES];

    private int count;
    private int lineLength;

    private int tag;
    private State state = State.READING;
    private @Nullable Pipe toGuest;
    private @Nullable Pipe fromGuest;

    /** Becomes the socket's owner. */
    HybridGreeting(HybridSockets owner, NonBlockingSocket socket, long deadlineNs) {
        super(owner.loop());
        this.owner = owner;
        this.socket = socket;
        this.deadlineNs = deadlineNs;
    }

    void start() {
        try {
            tag = loop().watchBothWays(socket.fd(), this);
        } catch (LinuxException e) {
            owner.count(HybridCounter.SYSTEM_FAILURE);
            state = State.DONE;
            socket.close();
            return;
        }
        owner.opened(this);
        ready();
    }

    boolean isLate(long nowNs) {
        return state == State.READING && nowNs - deadlineNs >= 0;
    }

    @Override
    protected void run() {
        try {
            while (state == State.READING) {
                int more = socket.receive(owner.scratch(), received.length - count);
                if (more == NonBlockingSocket.WOULD_BLOCK) {
                    return;
                }
                if (more <= 0) {
                    leave(HybridCounter.LINE_MALFORMED);
                    return;
                }
                MemorySegment.copy(owner.buffer(), ValueLayout.JAVA_BYTE, 0, received, count, more);
                count += more;
                readLine();
            }
        } catch (LinuxException e) {
            leave(HybridCounter.SYSTEM_FAILURE);
        }
    }

    private void readLine() {
        int length = ConnectLine.length(received, count);
        if (length == ConnectLine.INCOMPLETE) {
            return;
        }
        long port = length == ConnectLine.MALFORMED ? ConnectLine.MALFORMED : ConnectLine.port(received, length);
        if (port == ConnectLine.MALFORMED) {
            leave(HybridCounter.LINE_MALFORMED);
            return;
        }
        lineLength = length;
        turn(State.CONNECTING);
        int capacity = owner.endpoint().capacity();
        toGuest = new Pipe(capacity, false);
        fromGuest = new Pipe(capacity, false);
        owner.connect((int) port, fromGuest, toGuest, this);
    }

    @Override
    public void established(Connection connection) {
        Pipe in = fromGuest;
        Pipe out = toGuest;
        if (state != State.CONNECTING || in == null || out == null) {
            return; // it has been closed, and the pipes with it
        }
        try {
            answer(ConnectLine.answer(connection.local().port()));
            out.stage(received, lineLength, count - lineLength);
            out.commit(0);
            finish();
            owner.count(HybridCounter.HOST_CONNECTED);
            new HybridSocket(owner, socket, out, in).start();
        } catch (LinuxException e) {
            leave(HybridCounter.SYSTEM_FAILURE);
        }
    }

    /** Nothing was sent before, so that there is room; and if the program is gone, whoever goes on with it will see. */
    private void answer(byte[] line) throws LinuxException {
        MemorySegment.copy(line, 0, owner.buffer(), ValueLayout.JAVA_BYTE, 0, line.length);
        socket.send(owner.scratch(), line.length);
    }

    @Override
    public void refused(VsockError reason) {
        leave(HybridCounter.GUEST_REFUSED);
    }

    void leave(HybridCounter why) {
        if (state != State.DONE) {
            owner.count(why);
            leave();
        }
    }

    /** Leaves the program, and the guest if it has been asked. */
    void leave() {
        finish();
        socket.close();
        for (Pipe pipe : Arrays.asList(toGuest, fromGuest)) {
            if (pipe != null) {
                pipe.reset();
            }
        }
    }

    /** Watches the socket no more; it is somebody else's from here on. */
    private void finish() {
        turn(State.DONE);
        owner.unwatch(socket, tag);
        owner.closed(this);
    }

    private void turn(State next) {
        boolean wasReading = state == State.READING;
        state = next;
        if (wasReading) {
            owner.greeted();
        }
    }
}
