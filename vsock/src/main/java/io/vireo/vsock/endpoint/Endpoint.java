package io.vireo.vsock.endpoint;

import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.loop.Loop;
import io.vireo.vsock.stream.Pipe;
import io.vireo.vsock.stream.VsockError;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One side of a vsock device: takes its peer's packets, and sends those of its connections, one packet of each in turn. The
 * same on both sides: the peer is the guest on the device's side, the host on the guest's. Confined to its loop, but for what
 * says otherwise.
 *
 * <p>Its memory is bounded: {@value #MAX_CONNECTIONS} connections, of which the first {@value #GENEROUS} have {@value
 * #LARGE} bytes of credit and the others {@value #SMALL}; and a few answers to packets of no connection, without room for which
 * no packet is taken.
 */
public final class Endpoint {
    /** The most connections that a peer can have. */
    public static final int MAX_CONNECTIONS = ConnectionTable.CAPACITY;

    /** How long a connection that was closed waits for the peer's answer, as Linux does. */
    static final long CLOSE_NS = TimeUnit.SECONDS.toNanos(8);

    /** And before that, for the peer to take any of what was written: to a Linux guest a reset looks like the end of it. */
    static final long LINGER_NS = TimeUnit.SECONDS.toNanos(60);

    private static final int GENEROUS = 128;
    private static final int LARGE = 262_144;
    private static final int SMALL = 32_768;

    private static final int REPLIES = 64;
    /** From where on ports are chosen for connections whose initiator does not care. */
    private static final int FIRST_EPHEMERAL_PORT = 1 << 30;

    private final Loop loop;
    private final int guestCid;
    private final boolean deviceSide;
    private final Acceptor acceptor;
    private final PacketPort port;

    private final ConnectionTable connections = new ConnectionTable();
    private final ArrayDeque<Connection> turns = new ArrayDeque<>();
    private final long[] counters = new long[VsockCounter.count()];

    private final Arena arena = Arena.ofShared();
    private final long scratch = arena.allocate(VsockHeader.SIZE, Long.BYTES).address();

    /** Headers of RST packets to be sent, in a ring. */
    private final long replies =
            arena.allocate((long) REPLIES * VsockHeader.SIZE, Long.BYTES).address();

    private int repliesWritten;
    private int repliesSent;
    private boolean attached;
    private boolean seqpacket;
    private int nextPort = FIRST_EPHEMERAL_PORT;

    /**
     * @param guestCid of the guest whose device it is
     * @param deviceSide whether that guest is the peer; else it is this side
     */
    public Endpoint(Loop loop, int guestCid, boolean deviceSide, Acceptor acceptor, PacketPort port) {
        this.loop = loop;
        this.guestCid = guestCid;
        this.deviceSide = deviceSide;
        this.acceptor = acceptor;
        this.port = port;
        loop.addTicker(this::tick);
    }

    Loop loop() {
        return loop;
    }

    // ---- the device's life

    /**
     * The peer is there.
     *
     * @param messages whether sockets of messages were negotiated
     */
    public void attach(boolean messages) {
        attached = true;
        seqpacket = messages;
    }

    /** The peer is gone, and knows of none of its connections any more. */
    public void detach() {
        attached = false;
        turns.clear();
        connections.forEach(connection -> connection.close(VsockError.ECONNRESET));
        repliesSent = repliesWritten;
    }

    public boolean isAttached() {
        return attached;
    }

    /** Releases what it has; the loop has ended. */
    public void close() {
        arena.close();
    }

    // ---- connecting

    /**
     * Asks the peer for a connection.
     *
     * @param local this side's address, with a port that {@link #freePort} gave or that is free otherwise
     * @param from of which the connection becomes the producer, with what the peer sends
     * @param to of which it becomes the consumer
     */
    public void connect(
            VsockAddress local,
            VsockAddress remote,
            VsockType type,
            Pipe from,
            Pipe to,
            Duration timeout,
            ConnectListener listener) {
        if (!attached || (type == VsockType.SEQPACKET && !seqpacket)) {
            listener.refused(attached ? VsockError.EOPNOTSUPP : VsockError.ENODEV);
            return;
        }
        if (connections.isFull() || isInUse(local, remote)) {
            listener.refused(VsockError.EADDRNOTAVAIL);
            return;
        }
        count(VsockCounter.CONNECTING);
        Connection connection = new Connection(this, local, remote, type, from.capacity(), true);
        connections.add(connection);
        connection.connect(from, to, listener, System.nanoTime() + timeout.toNanos());
    }

    private boolean isInUse(VsockAddress local, VsockAddress remote) {
        return connections.find(local.cid(), local.port(), remote.cid(), remote.port()) != null;
    }

    /** A port that has no connection with {@code remote}. */
    public int freePort(int localCid, VsockAddress remote) {
        while (true) {
            int candidate = nextPort++;
            if (nextPort < FIRST_EPHEMERAL_PORT) {
                nextPort = FIRST_EPHEMERAL_PORT;
            }
            if (!isInUse(new VsockAddress(localCid, candidate), remote)) {
                return candidate;
            }
        }
    }

    /** The bytes of credit, and of memory each way, that one more connection can have. */
    public int capacity() {
        return connections.count() < GENEROUS ? LARGE : SMALL;
    }

    // ---- receiving

    /** Whether a packet can be taken; else {@link #pump} has to send something first. */
    public boolean isReady() {
        return repliesWritten - repliesSent < REPLIES;
    }

    /** A packet shorter than a header came. */
    public void receivedShort() {
        count(VsockCounter.DROP_SHORT);
    }

    /**
     * A packet came. Only when {@link #isReady}.
     *
     * @param header absolute address of a private copy of its header
     */
    public void received(long header, Payload payload) {
        count(VsockCounter.FROM_PEER_PACKETS);
        long source = VsockHeader.sourceCid(header);
        long destination = VsockHeader.destinationCid(header);
        long own = deviceSide ? source : destination;
        if ((source | destination) >>> Integer.SIZE != 0 || (int) own != guestCid) {
            count(VsockCounter.DROP_SPOOFED_CID);
            return;
        }
        int localPort = VsockHeader.destinationPort(header);
        int remotePort = VsockHeader.sourcePort(header);
        int op = VsockHeader.op(header);
        Connection connection = connections.find((int) destination, localPort, (int) source, remotePort);
        if (connection != null) {
            connection.received(op, header, payload);
            return;
        }
        VsockType type = VsockType.of(VsockHeader.type(header));
        if (type == null || (type == VsockType.SEQPACKET && !seqpacket)) {
            count(VsockCounter.DROP_UNKNOWN_TYPE);
            replyReset(header, op);
        } else if (op == VsockHeader.REQUEST) {
            request(header, type);
        } else {
            count(VsockCounter.DROP_NO_CONNECTION);
            replyReset(header, op);
        }
    }

    private void request(long header, VsockType type) {
        count(VsockCounter.REQUESTED);
        if (connections.isFull()) {
            count(VsockCounter.REFUSED_TOO_MANY);
            replyReset(header, VsockHeader.REQUEST);
            return;
        }
        VsockAddress local =
                new VsockAddress((int) VsockHeader.destinationCid(header), VsockHeader.destinationPort(header));
        VsockAddress remote = new VsockAddress((int) VsockHeader.sourceCid(header), VsockHeader.sourcePort(header));
        Connection incoming = new Connection(this, local, remote, type, capacity(), false);
        connections.add(incoming);
        incoming.requested(VsockHeader.bufAlloc(header), VsockHeader.fwdCnt(header));
        acceptor.requested(incoming);
    }

    /** 5.10.6.3: a packet that belongs to nothing is answered with a reset, unless it is one. */
    private void replyReset(long header, int op) {
        if (op == VsockHeader.RST) {
            return;
        }
        VsockHeader.writeReset(reply(repliesWritten++), header);
        port.wantToSend();
    }

    private long reply(int number) {
        return replies + (long) (number & (REPLIES - 1)) * VsockHeader.SIZE;
    }

    // ---- sending

    void takeTurn(Connection connection) {
        if (!connection.inTurn) {
            connection.inTurn = true;
            turns.add(connection);
            port.wantToSend();
        }
    }

    /**
     * Sends what there is.
     *
     * @param most packets
     * @return how many were sent; if there is more, and no buffer for it, {@link #isWaiting}
     */
    public int pump(int most) {
        int sent = 0;
        while (isWaiting() && sent < most) {
            int room = port.sendRoom();
            if (room == PacketPort.NONE) {
                break;
            }
            sent += sendNext(room);
        }
        return sent;
    }

    private int sendNext(int room) {
        if (repliesSent != repliesWritten) {
            count(VsockCounter.TO_PEER_PACKETS);
            port.send(reply(repliesSent++), null, 0);
            return 1;
        }
        Connection connection = turns.remove();
        if (connection.send(room)) {
            turns.add(connection); // at the end: others first
            return 1;
        }
        connection.inTurn = false;
        return 0;
    }

    /** Whether there is, or may be, something to send. */
    public boolean isWaiting() {
        return repliesSent != repliesWritten || !turns.isEmpty();
    }

    void send(Connection connection, int op, int flags, @Nullable Pipe payload, int length) {
        count(VsockCounter.TO_PEER_PACKETS);
        VsockHeader.write(scratch, connection.local(), connection.remote(), connection.type().code, op);
        VsockHeader.length(scratch, length);
        VsockHeader.flags(scratch, flags);
        Allowance allowance = connection.allowance();
        VsockHeader.credit(scratch, allowance.allocation(), allowance.forwarded());
        port.send(scratch, payload, length);
    }

    void remove(Connection connection) {
        connections.remove(connection);
    }

    // ---- time and numbers

    boolean tick(long nowNs) {
        boolean[] more = new boolean[1];
        connections.forEach(connection -> more[0] |= connection.tick(nowNs));
        return more[0];
    }

    void count(VsockCounter counter) {
        counters[counter.index()]++;
    }

    void count(VsockCounter counter, long by) {
        counters[counter.index()] += by;
    }

    /** For the device, of what is not a packet's. */
    public void note(VsockCounter counter) {
        count(counter);
    }

    /** How many of its connections a context of this side has asked the peer for. */
    public int askedBy(int cid) {
        return connections.askedBy(cid);
    }

    public int connections() {
        return connections.count();
    }

    public Map<VsockCounter, Long> counters() {
        Map<VsockCounter, Long> all = new EnumMap<>(VsockCounter.class);
        for (VsockCounter counter : VsockCounter.values()) {
            all.put(counter, counters[counter.index()]);
        }
        return all;
    }
}
