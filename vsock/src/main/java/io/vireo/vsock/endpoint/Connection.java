package io.vireo.vsock.endpoint;

import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.loop.Task;
import io.vireo.vsock.stream.Pipe;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockStream;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection (virtio 1.3, 5.10.6.3 to 5.10.6.6): what the peer sends goes into one pipe, what comes out of another
 * is sent to it. Confined to the endpoint's loop. One file, as its states and the packets that change them are read together.
 *
 * <pre>
 *   REQUESTED ──accept──► ESTABLISHED ◄──RESPONSE── CONNECTING
 *       └──refuse──► CLOSED ◄──RST, both directions shut down, time──┘
 * </pre>
 */
public final class Connection extends Task {
    private enum State {
        REQUESTED,
        CONNECTING,
        ESTABLISHED,
        CLOSED
    }

    /** The most that a packet carries, as Linux has it. */
    private static final int MAX_PAYLOAD = 65_536;

    private static final int NOTHING = 0;
    private static final int BOTH = VsockHeader.NO_MORE_RECEIVING | VsockHeader.NO_MORE_SENDING;

    private final Endpoint endpoint;
    private final VsockAddress local;
    private final VsockAddress remote;
    private final VsockType type;
    private final int capacity;
    private final boolean askedFor;
    private final Credit credit = new Credit();

    @Nullable
    Connection nextInBucket;

    /** Whether it waits for its turn to send. */
    boolean inTurn;

    private State state;
    private Pipe fromPeer;
    private Pipe toPeer;
    private Allowance allowance;
    private @Nullable ConnectListener listener;

    private boolean openingDue;
    private boolean resetDue;
    private int shutdownByPeer;
    private int shutdownSent;

    private long deadlineNs;
    private boolean hasDeadline;

    /** @param askedFor whether it is this side that asks for it */
    Connection(
            Endpoint endpoint,
            VsockAddress local,
            VsockAddress remote,
            VsockType type,
            int capacity,
            boolean askedFor) {
        super(endpoint.loop());
        this.endpoint = endpoint;
        this.local = local;
        this.remote = remote;
        this.type = type;
        this.capacity = capacity;
        this.askedFor = askedFor;
        state = State.REQUESTED;
        fromPeer = newPipe();
        toPeer = fromPeer; // until it is accepted
        allowance = new Allowance(fromPeer, capacity, type);
    }

    /** This side's address. */
    public VsockAddress local() {
        return local;
    }

    /** The peer's. */
    public VsockAddress remote() {
        return remote;
    }

    public VsockType type() {
        return type;
    }

    /** Whether this side asked the peer for it. */
    boolean isAskedFor() {
        return askedFor;
    }

    /** A pipe as this connection needs it. */
    public Pipe newPipe() {
        return new Pipe(capacity, type == VsockType.SEQPACKET);
    }

    // ---- opening

    /** Takes what the peer's request says of its credit. */
    void requested(int bufAlloc, int fwdCnt) {
        credit.update(bufAlloc, fwdCnt);
    }

    void connect(Pipe from, Pipe to, ConnectListener told, long giveUpNs) {
        state = State.CONNECTING;
        attach(from, to);
        listener = told;
        openingDue = true;
        deadline(giveUpNs);
        ready();
    }

    /** Establishes a connection that the peer has asked for. @return its other end, for code that waits */
    public VsockStream accept() {
        Pipe from = newPipe();
        Pipe to = newPipe();
        VsockStream stream = new VsockStream(local, remote, type, from, to);
        accept(from, to);
        return stream;
    }

    /** The same, with the pipes whose other ends are somebody's already. Does nothing if the peer has given up meanwhile. */
    public void accept(Pipe from, Pipe to) {
        if (!isRequested()) {
            from.reset();
            to.reset();
            return;
        }
        state = State.ESTABLISHED;
        attach(from, to);
        openingDue = true;
        hasDeadline = false;
        ready();
    }

    private void attach(Pipe from, Pipe to) {
        fromPeer = from;
        toPeer = to;
        allowance = new Allowance(from, capacity, type);
        from.producer(this::ready);
        to.consumer(this::ready);
        limitMessages();
    }

    /** A peer takes a message out of its buffer when all of it is there: one that is longer would wait for ever. */
    private void limitMessages() {
        if (type == VsockType.SEQPACKET && state == State.ESTABLISHED) {
            toPeer.longestMessage(credit.allocated());
        }
    }

    /** Tells the peer that there is nobody; does nothing if it has given up meanwhile. */
    public void refuse() {
        if (isRequested()) {
            endpoint.count(VsockCounter.REFUSED);
            resetDue = true;
            ready();
        }
    }

    /** Whether the peer still wants to be connected. */
    public boolean isRequested() {
        return state == State.REQUESTED && !resetDue;
    }

    // ---- receiving

    /** A packet of this connection, its header copied to private memory. */
    void received(int op, long header, Payload payload) {
        if (op == VsockHeader.RST) {
            endpoint.count(VsockCounter.RESET_BY_PEER);
            close(VsockError.ECONNREFUSED);
            return;
        }
        if (resetDue) {
            return; // its end is decided, and what comes until the peer knows is nobody's
        }
        if (VsockHeader.type(header) != type.code) {
            violated(VsockCounter.VIOLATION_OP);
        } else if (!credit.update(VsockHeader.bufAlloc(header), VsockHeader.fwdCnt(header))) {
            violated(VsockCounter.VIOLATION_FWD_CNT);
        } else if (state == State.ESTABLISHED) {
            limitMessages();
            receivedEstablished(op, header, payload);
        } else if (state == State.CONNECTING && op == VsockHeader.RESPONSE && !openingDue) {
            state = State.ESTABLISHED;
            limitMessages();
            hasDeadline = false;
            if (listener != null) {
                listener.established(this);
            }
        } else if (state != State.REQUESTED
                || op != VsockHeader.CREDIT_UPDATE) { // Linux says when its buffer is resized
            violated(VsockCounter.VIOLATION_OP);
        }
        ready(); // there may be credit, or something to answer
    }

    private void receivedEstablished(int op, long header, Payload payload) {
        switch (op) {
            case VsockHeader.RW -> data(header, payload);
            case VsockHeader.SHUTDOWN -> shutdown(VsockHeader.flags(header));
            case VsockHeader.CREDIT_UPDATE -> {}
            case VsockHeader.CREDIT_REQUEST -> allowance.ask();
            default -> violated(VsockCounter.VIOLATION_OP);
        }
    }

    private void data(long header, Payload payload) {
        long length = VsockHeader.length(header);
        if (length > payload.bytes()) {
            violated(VsockCounter.VIOLATION_LENGTH);
        } else if ((shutdownByPeer & VsockHeader.NO_MORE_SENDING) != 0) {
            violated(VsockCounter.VIOLATION_OP);
        } else if (fromPeer.isAbandoned()) {
            allowance.discard(length);
        } else if (length > fromPeer.room()) {
            violated(VsockCounter.VIOLATION_CREDIT);
        } else if (length > 0) {
            payload.stage(fromPeer, (int) length);
            fromPeer.commit(markOf(VsockHeader.flags(header)));
            endpoint.count(VsockCounter.FROM_PEER_BYTES, length);
        }
    }

    /** A record ends where a message does, or not at all. */
    private static int markOf(int flags) {
        boolean ends = (flags & VsockHeader.END_OF_MESSAGE) != 0;
        return ends ? flags & (VsockHeader.END_OF_MESSAGE | VsockHeader.END_OF_RECORD) : 0;
    }

    /** 5.10.6.5: who neither sends nor receives any more has closed, and is answered with a reset once it is clean. */
    private void shutdown(int flags) {
        shutdownByPeer |= flags & BOTH;
        if ((shutdownByPeer & VsockHeader.NO_MORE_SENDING) != 0) {
            fromPeer.end();
        }
        if ((shutdownByPeer & VsockHeader.NO_MORE_RECEIVING) != 0) {
            toPeer.abandon();
        }
        if (shutdownByPeer == BOTH) {
            resetDue = true;
        }
    }

    private void violated(VsockCounter how) {
        endpoint.count(how);
        endpoint.count(VsockCounter.RESET);
        reset();
    }

    private void reset() {
        fromPeer.reset();
        toPeer.reset();
        resetDue = true;
    }

    // ---- sending

    /** Something may have changed at the other ends of the pipes. */
    @Override
    protected void run() {
        if (state == State.ESTABLISHED && !hasDeadline && fromPeer.isAbandoned() && toPeer.isEnded()) {
            deadline(System.nanoTime()
                    + Endpoint.LINGER_NS); // here, as a peer without buffers never has it sent anything
        }
        if (state != State.CLOSED) {
            endpoint.takeTurn(this);
        }
    }

    /**
     * Sends one packet, if there is anything to send.
     *
     * @param room bytes of payload that it can have
     * @return whether it sent one; else it will be ready again when there is something
     */
    boolean send(int room) {
        int payload = sendable(room);
        int op = next(payload);
        switch (op) {
            case NOTHING -> {
                awaitWork();
                return false;
            }
            case VsockHeader.RW -> sendData(payload);
            case VsockHeader.SHUTDOWN -> sendShutdown();
            default -> {
                endpoint.send(this, op, 0, null, 0);
                openingDue = false;
                if (op == VsockHeader.CREDIT_REQUEST) {
                    credit.ask();
                }
                if (op == VsockHeader.RST) {
                    close(VsockError.ECONNRESET);
                }
            }
        }
        return true;
    }

    private int next(int payload) {
        if (resetDue && state != State.CLOSED) {
            return VsockHeader.RST;
        }
        return switch (state) {
            case REQUESTED, CLOSED -> NOTHING;
            case CONNECTING -> isLeft() ? giveUp() : openingDue ? VsockHeader.REQUEST : NOTHING;
            case ESTABLISHED -> openingDue ? VsockHeader.RESPONSE : isLeft() ? giveUp() : nextEstablished(payload);
        };
    }

    private boolean isLeft() {
        return toPeer.isReset() || fromPeer.isReset();
    }

    private int giveUp() {
        endpoint.count(VsockCounter.RESET);
        resetDue = true;
        return VsockHeader.RST;
    }

    private int nextEstablished(int payload) {
        if (payload > 0) {
            return VsockHeader.RW;
        }
        if ((shutdownDue() & ~shutdownSent) != 0) {
            return VsockHeader.SHUTDOWN;
        }
        if (allowance.isUpdateDue()) {
            return VsockHeader.CREDIT_UPDATE;
        }
        boolean starved = maySend() && toPeer.available() > 0 && credit.available() == 0;
        return starved && !credit.isAsked() ? VsockHeader.CREDIT_REQUEST : NOTHING;
    }

    /** Whether there can be data for the peer; what a writer adds who was late is none. */
    private boolean maySend() {
        return !toPeer.isAbandoned() && (shutdownSent & VsockHeader.NO_MORE_SENDING) == 0;
    }

    /** Bytes that the next packet could have: all of one message at most. */
    private int sendable(int room) {
        if (state != State.ESTABLISHED || openingDue || !maySend()) {
            return 0;
        }
        int most = Math.min(Math.min(room, MAX_PAYLOAD), Math.min(toPeer.available(), credit.available()));
        if (most <= 0 || type == VsockType.STREAM) {
            return most;
        }
        int message = toPeer.messageLength(most);
        return message == 0 ? most : message;
    }

    private void sendData(int length) {
        int mark = type == VsockType.SEQPACKET ? toPeer.mark(length - 1) : 0;
        endpoint.send(this, VsockHeader.RW, mark, toPeer, length);
        endpoint.count(VsockCounter.TO_PEER_BYTES, length);
        credit.spend(length);
        toPeer.consume(length);
        if (hasDeadline) {
            deadline(System.nanoTime() + Endpoint.LINGER_NS); // it is slow, and alive
        }
    }

    private int shutdownDue() {
        int flags = fromPeer.isAbandoned() ? VsockHeader.NO_MORE_RECEIVING : 0;
        boolean sentAll = toPeer.isDrained() || (toPeer.isEnded() && toPeer.isAbandoned());
        return sentAll ? flags | VsockHeader.NO_MORE_SENDING : flags;
    }

    private void sendShutdown() {
        shutdownSent |= shutdownDue();
        if (shutdownSent == BOTH) {
            deadline(System.nanoTime() + Endpoint.CLOSE_NS);
        }
        endpoint.send(this, VsockHeader.SHUTDOWN, shutdownSent, null, 0);
    }

    /** What the peer is told with each packet. */
    Allowance allowance() {
        return allowance;
    }

    private void awaitWork() {
        if (state == State.ESTABLISHED) {
            allowance.awaitUpdate();
            boolean awaitsCredit = credit.isAsked() && credit.available() == 0;
            if (maySend() && !awaitsCredit) { // something may have come since it was looked at
                toPeer.awaitAvailable(1);
            }
        }
    }

    // ---- ending

    private void deadline(long whenNs) {
        deadlineNs = whenNs;
        hasDeadline = true;
        loop().requestTicks();
    }

    /** @return whether there is anything to wait for */
    boolean tick(long nowNs) {
        if (hasDeadline && nowNs - deadlineNs >= 0) {
            hasDeadline = false;
            if (state == State.CONNECTING && openingDue) { // the peer, which has no buffers, does not know of it
                close(VsockError.ETIMEDOUT);
                return false;
            }
            if (state == State.CONNECTING && listener != null) {
                listener.refused(VsockError.ETIMEDOUT);
                listener = null;
            }
            endpoint.count(VsockCounter.RESET);
            reset();
            ready();
        }
        return hasDeadline;
    }

    /** The peer knows that it is over, or need not. */
    void close(VsockError reason) {
        boolean clean = shutdownByPeer == BOTH;
        if (state == State.CONNECTING && listener != null) {
            listener.refused(reason);
        }
        listener = null;
        state = State.CLOSED;
        hasDeadline = false;
        if (!clean) {
            fromPeer.reset();
            toPeer.reset();
        }
        endpoint.remove(this);
    }
}
