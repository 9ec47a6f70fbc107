package io.vireo.vsock.host;

import io.vireo.linux.LinuxException;
import io.vireo.linux.NonBlockingSocket;
import io.vireo.linux.SocketFile;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.device.VsockDevice;
import io.vireo.vsock.endpoint.Acceptor;
import io.vireo.vsock.endpoint.ConnectListener;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.endpoint.Endpoint;
import io.vireo.vsock.loop.Loop;
import io.vireo.vsock.loop.Task;
import io.vireo.vsock.stream.Pipe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How programs of the host and a guest reach each other, by Unix sockets in place of AF_VSOCK: the convention of Firecracker
 * and cloud-hypervisor.
 *
 * <pre>
 *   program ──connect──► uds      "CONNECT 52\n", then "OK 1073741824\n" when the guest's port 52 has accepted
 *   program ──listens on uds_52 ◄── the guest's connection to port 52 of the host
 * </pre>
 *
 * <p>All of it is done by the guest's own thread. Of programs that have connected and not said yet where to, {@value
 * #MAX_READING} are listened to at a time, {@value #GREETING_S} s each; the others wait to be accepted. Where a program has no
 * room for one more who waits, the guest's connection waits too, as long as Linux does.
 */
public final class HybridSockets implements Acceptor, AutoCloseable {
    /** Bytes that are sent or received at a time. */
    static final int SCRATCH = 65_536;

    static final int MAX_READING = 64;

    private static final Logger LOG = LoggerFactory.getLogger(HybridSockets.class);

    private static final int BACKLOG = 128;
    private static final int ACCEPTED_A_TURN = 16;
    private static final int GREETING_S = 5;
    private static final long GREETING_NS = TimeUnit.SECONDS.toNanos(GREETING_S);

    /** As long as a Linux guest waits (VSOCK_DEFAULT_CONNECT_TIMEOUT). */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** A connection of the guest's, for which the program had no room. */
    private record Waiting(Connection incoming, long giveUpNs) {}

    private final String guest;
    private final int cid;
    private final Loop loop;
    private final Endpoint endpoint;
    private final Path uds;
    private final NonBlockingSocket listener;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(SCRATCH);

    // ---- the loop's
    private final Task door;
    private final Set<HybridGreeting> greetings = new HashSet<>();
    private final Set<HybridSocket> sockets = new HashSet<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final long[] counters = new long[HybridCounter.count()];
    private int reading;
    private int tag;
    private boolean started;
    private boolean acceptAgain;
    private boolean closed;

    /**
     * Creates the socket's file, in place of a stale one. Programs are refused until {@link #start}, so that the file's mode
     * and owner can be set before.
     *
     * @throws IOException if another process listens there, or if something else than a socket is in the way
     */
    public static HybridSockets bind(VsockDevice device, Path uds) throws IOException {
        return bind(device.name(), device.cid(), device.loop(), device.endpoint(), uds);
    }

    static HybridSockets bind(String guest, int cid, Loop loop, Endpoint endpoint, Path uds) throws IOException {
        Path usable = VsockGuest.requireUds(uds);
        SocketFile.removeStale(usable);
        return new HybridSockets(guest, cid, loop, endpoint, usable, NonBlockingSocket.bind(usable));
    }

    private HybridSockets(String guest, int cid, Loop loop, Endpoint endpoint, Path uds, NonBlockingSocket listener) {
        this.guest = guest;
        this.cid = cid;
        this.loop = loop;
        this.endpoint = endpoint;
        this.uds = uds;
        this.listener = listener;
        door = new Task(loop) {
            @Override
            protected void run() {
                acceptSome();
            }
        };
    }

    /** From now on programs can connect. */
    public void start() throws LinuxException {
        listener.listen(BACKLOG);
        Optional<LinuxException> failure = loop.call(this::watch);
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private Optional<LinuxException> watch() {
        try {
            tag = loop.watch(listener.fd(), door);
            started = true;
            loop.addTicker(this::tick);
            return Optional.empty();
        } catch (LinuxException e) {
            return Optional.of(e);
        }
    }

    // ---- programs that connect

    private void acceptSome() {
        int left = ACCEPTED_A_TURN;
        try {
            while (!closed && reading < MAX_READING) { // else greeted() comes back to it
                if (left-- == 0) {
                    door.ready();
                    return;
                }
                NonBlockingSocket socket = listener.accept();
                if (socket == null) {
                    return;
                }
                count(HybridCounter.HOST_ACCEPTED);
                new HybridGreeting(this, socket, System.nanoTime() + GREETING_NS).start();
                loop.requestTicks();
            }
        } catch (LinuxException e) {
            count(HybridCounter.SYSTEM_FAILURE);
            acceptAgain = true; // there may be a descriptor then; whoever waits is not reported once more
            loop.requestTicks();
        }
    }

    void opened(HybridGreeting greeting) {
        greetings.add(greeting);
        reading++;
    }

    /** One of them is read no more. */
    void greeted() {
        if (reading-- == MAX_READING) {
            door.ready();
        }
    }

    void closed(HybridGreeting greeting) {
        greetings.remove(greeting);
    }

    /** Asks the guest for a connection to one of its ports. */
    void connect(int port, Pipe from, Pipe to, ConnectListener told) {
        VsockAddress remote = new VsockAddress(cid, port);
        VsockAddress local = VsockAddress.host(endpoint.freePort(VsockAddress.HOST, remote));
        endpoint.connect(local, remote, VsockType.STREAM, from, to, CONNECT_TIMEOUT, told);
    }

    // ---- the guest's connections

    /** The guest wants to be connected to a port of the host. On the loop's thread. */
    @Override
    public void requested(Connection incoming) {
        if (closed || incoming.type() != VsockType.STREAM) {
            count(HybridCounter.HOST_REFUSED);
            incoming.refuse();
        } else {
            connect(incoming, System.nanoTime() + CONNECT_TIMEOUT.toNanos());
        }
    }

    private void connect(Connection incoming, long giveUpNs) {
        try {
            NonBlockingSocket socket = NonBlockingSocket.connect(
                    VsockGuest.udsOfPort(uds, incoming.local().port()));
            if (socket == null) {
                await(incoming, giveUpNs);
                return;
            }
            count(HybridCounter.GUEST_CONNECTED);
            Pipe from = incoming.newPipe();
            Pipe to = incoming.newPipe();
            incoming.accept(from, to);
            new HybridSocket(this, socket, to, from).start();
        } catch (LinuxException e) {
            count(HybridCounter.HOST_REFUSED);
            incoming.refuse();
        }
    }

    /** A guest that asks and takes it back in turn makes no more entries than it can have connections. */
    private void await(Connection incoming, long giveUpNs) {
        if (waiting.size() >= Endpoint.MAX_CONNECTIONS) {
            waiting.removeIf(next -> !next.incoming().isRequested());
        }
        waiting.add(new Waiting(incoming, giveUpNs));
        loop.requestTicks();
    }

    /** Connections of the guest's that wait for a program, at this moment. */
    int waiting() {
        return loop.call(waiting::size);
    }

    void opened(HybridSocket socket) {
        sockets.add(socket);
    }

    void closed(HybridSocket socket) {
        sockets.remove(socket);
    }

    // ---- time

    /** @return whether there is anything to wait for */
    boolean tick(long nowNs) {
        if (closed) {
            return false;
        }
        if (acceptAgain) {
            acceptAgain = false;
            door.ready();
        }
        for (HybridGreeting greeting : List.copyOf(greetings)) {
            if (greeting.isLate(nowNs)) {
                greeting.leave(HybridCounter.LINE_TOO_SLOW);
            }
        }
        connectWaiting(nowNs);
        return reading > 0 || !waiting.isEmpty();
    }

    private void connectWaiting(long nowNs) {
        for (int left = waiting.size(); left > 0; left--) {
            Waiting next = waiting.remove();
            if (!next.incoming().isRequested()) {
                continue; // the guest has given up
            }
            if (nowNs - next.giveUpNs() >= 0) {
                count(HybridCounter.HOST_REFUSED);
                next.incoming().refuse();
            } else {
                connect(next.incoming(), next.giveUpNs());
            }
        }
    }

    // ---- for greetings and sockets

    Loop loop() {
        return loop;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** {@value #SCRATCH} bytes for whoever has the turn. */
    MemorySegment buffer() {
        return buffer;
    }

    /** Where they are. */
    long scratch() {
        return buffer.address();
    }

    void unwatch(NonBlockingSocket socket, int itsTag) {
        try {
            loop.unwatch(socket.fd(), itsTag);
        } catch (LinuxException e) {
            count(HybridCounter.SYSTEM_FAILURE);
        }
    }

    void count(HybridCounter counter) {
        counters[counter.index()]++;
    }

    // ---- for any thread

    public Map<HybridCounter, Long> counters() {
        return loop.call(() -> {
            Map<HybridCounter, Long> all = new EnumMap<>(HybridCounter.class);
            for (HybridCounter counter : HybridCounter.values()) {
                all.put(counter, counters[counter.index()]);
            }
            return all;
        });
    }

    /** Programs that are connected, or want to be, at this moment. */
    public int programs() {
        return loop.call(() -> greetings.size() + sockets.size());
    }

    /** Leaves all programs, resets their connections and removes the socket's file. Before the loop ends. */
    @Override
    public void close() {
        boolean first = loop.call(this::leaveAll);
        if (!first) {
            return;
        }
        listener.close();
        arena.close();
        try {
            Files.deleteIfExists(uds);
        } catch (IOException e) {
            LOG.warn("{}: socket not removed: {}", guest, e.getMessage());
        }
    }

    private boolean leaveAll() {
        if (closed) {
            return false;
        }
        closed = true;
        if (started) {
            unwatch(listener, tag);
        }
        List.copyOf(greetings).forEach(HybridGreeting::leave);
        List.copyOf(sockets).forEach(HybridSocket::reset);
        waiting.forEach(next -> next.incoming().refuse());
        waiting.clear();
        return true;
    }
}
