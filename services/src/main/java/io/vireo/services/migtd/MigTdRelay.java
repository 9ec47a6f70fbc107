package io.vireo.services.migtd;

import io.vireo.services.GuestService;
import io.vireo.services.GuestStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins each connection of a guest with one over TCP: MigTD connects to its host on both sides of a migration, and of the two
 * hosts the one listens for the other. Who comes first waits for {@link MigTdConfig#PATIENCE}; who comes first is served
 * first. Bytes are checked as far as the framing goes, and a connection that breaks it ends, with its other half.
 */
public final class MigTdRelay implements GuestService {
    /** Sessions of a guest at a time, waiting ones included. */
    static final int MAX_SESSIONS = 8;

    private static final Logger LOG = LoggerFactory.getLogger(MigTdRelay.class);

    private final MigTdFraming framing;
    private final PeerSource peers;
    private final MigTdCounters counters;
    private final Map<String, Integer> sessions = new ConcurrentHashMap<>();
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    MigTdRelay(MigTdFraming framing, PeerSource peers, MigTdCounters counters) {
        this.framing = framing;
        this.peers = peers;
        this.counters = counters;
    }

    /** A relay that listens from now on, if it is the side to listen. */
    public static MigTdRelay open(MigTdConfig config) throws IOException {
        MigTdCounters counters = new MigTdCounters();
        InetSocketAddress connect = config.connect();
        InetSocketAddress listen = config.listen();
        if (connect != null) {
            TcpEmulationConfig defaults = TcpEmulationConfig.DEFAULT;
            return new MigTdRelay(
                    config.framing(),
                    new TcpConnector(connect, defaults.connectionTimeout(), defaults.maxRetries()),
                    counters);
        }
        if (listen != null) {
            return new MigTdRelay(
                    config.framing(),
                    new TcpListener(listen, MigTdConfig.PATIENCE, System::nanoTime, counters),
                    counters);
        }
        throw new IllegalArgumentException("neither connect nor listen");
    }

    @Override
    public String name() {
        return "migtd";
    }

    /** Ends when both directions have ended, or one of them failed. */
    @Override
    public void serve(GuestStream guest) throws IOException {
        if (sessions.merge(guest.guest(), 1, Integer::sum) > MAX_SESSIONS) {
            end(guest);
            counters.add(MigTdCounter.GUESTS_REFUSED, 1);
            throw new IOException("the guest has " + MAX_SESSIONS + " migration sessions already");
        }
        try (GuestStream peer = next()) {
            counters.add(MigTdCounter.SESSIONS, 1);
            relay(guest, peer);
        } finally {
            end(guest);
        }
    }

    @Override
    public Map<MigTdCounter, Long> counters() {
        return counters.snapshot();
    }

    private void end(GuestStream guest) {
        sessions.computeIfPresent(guest.guest(), (name, count) -> count == 1 ? null : count - 1);
    }

    private GuestStream next() throws IOException {
        try {
            return peers.next();
        } catch (IOException e) {
            counters.add(MigTdCounter.GUESTS_REFUSED, 1);
            throw e;
        }
    }

    private void relay(GuestStream guest, GuestStream peer) throws IOException {
        MigTdPump fromGuest = new MigTdPump(
                guest,
                peer,
                framing.codec(),
                counters,
                MigTdCounter.MESSAGES_FROM_GUESTS,
                MigTdCounter.BYTES_FROM_GUESTS);
        MigTdPump toGuest = new MigTdPump(
                peer, guest, framing.codec(), counters, MigTdCounter.MESSAGES_TO_GUESTS, MigTdCounter.BYTES_TO_GUESTS);
        Closeable both = () -> {
            try (guest;
                    peer) {
                // whoever reads or writes one of them learns of it
            }
        };
        open.add(both);
        try {
            if (closed) {
                throw new IOException("the relay has ended");
            }
            run(fromGuest, toGuest, both);
        } finally {
            open.remove(both);
        }
    }

    /** Runs both, until both have ended; a failure of one ends the other. */
    private void run(MigTdPump fromGuest, MigTdPump toGuest, Closeable both) throws IOException {
        AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
        Thread other = Thread.ofVirtual().name("migtd-to-guest").start(() -> runOne(toGuest, both, failure));
        runOne(fromGuest, both, failure);
        try {
            other.join();
        } catch (InterruptedException e) {
            both.close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted in a migration session");
        }
        IOException first = failure.get();
        if (first != null) {
            throw first;
        }
    }

    private void runOne(MigTdPump pump, Closeable both, AtomicReference<@Nullable IOException> failure) {
        boolean ended = false;
        try {
            pump.run();
            ended = true;
        } catch (IOException e) {
            // the first failure is the reason of a second one
            if (failure.compareAndSet(null, e) && e instanceof MigTdProtocolException) {
                counters.add(MigTdCounter.PROTOCOL_ERRORS, 1);
            }
        } finally {
            if (!ended) {
                closeQuietly(both);
            }
        }
    }

    /** Ends the sessions under way. */
    @Override
    public void close() {
        closed = true;
        closeQuietly(peers);
        open.forEach(MigTdRelay::closeQuietly);
    }

    private static void closeQuietly(Closeable what) {
        try {
            what.close();
        } catch (IOException e) {
            LOG.debug("migtd: closing: {}", e.getMessage());
        }
    }
}
