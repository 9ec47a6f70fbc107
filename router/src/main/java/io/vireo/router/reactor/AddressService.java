package io.vireo.router.reactor;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.router.addresses.AddressServer;
import io.vireo.router.addresses.Guest;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.leases.Lease;
import io.vireo.vhostuser.backend.GuestLog;
import io.vireo.virtqueue.device.RingFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that answers what reactors punt and logs what they notice: ordinary blocking code. What the answers are,
 * {@link AddressServer} knows; they return through the inbox of the port's reactor.
 */
public final class AddressService {
    /** What a turn that failed is followed by, so that one that always does is no busy loop. */
    private static final long AFTER_FAILURE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SHUTDOWN_POLL_MS = 100;

    private record Client(Guest guest, Reactor reactor) {}

    /** Failures of our own, which a guest may have found a way to cause again and again. */
    private final GuestLog failures = GuestLog.of("addresses");

    private final PuntQueue queue;
    private final AddressServer server;
    private final Map<NetPort, Client> clients = new LinkedHashMap<>();
    /** What other threads ask for. */
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    /** Whose frames this turn took, one entry each. */
    private final List<NetPort> served = new ArrayList<>();

    private final Thread thread = Thread.ofPlatform().name("addresses").daemon().unstarted(this::run);
    private volatile boolean stopping;

    /** @param server becomes this service's, but for closing it */
    public AddressService(PuntQueue queue, AddressServer server) {
        this.queue = queue;
        this.server = server;
    }

    /** Adds a port that has no address yet; before {@link #start}. */
    public void add(NetPort port, VhostConfig guest, NetworkConfig network, Reactor reactor) {
        clients.put(port, new Client(new Guest(guest, network, new PortLink(port, reactor)), reactor));
    }

    /** When it returns, addresses that are fixed or still leased are in force. Reactors must be running. */
    public void start() {
        server.begin(clients.values().stream().map(Client::guest).toList());
        thread.start();
    }

    /** Ends the thread after the turn that is under way. Call it when every port is stopped and before the reactors end. */
    public void shutdown() {
        stopping = true;
        boolean interrupted = false;
        while (thread.isAlive()) { // whoever goes on before closes the journal under its hands
            LockSupport.unpark(thread); // again and again: a wait within a turn may use one up
            try {
                thread.join(SHUTDOWN_POLL_MS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- for other threads

    /** To be told of a port's guest. */
    public GuestPresence presence(NetPort port) {
        Guest guest = client(port).guest();
        return new Presence(guest);
    }

    /** The last word counts, so that a frontend that comes and goes leaves no more than one command behind. */
    private final class Presence implements GuestPresence {
        private final Guest guest;
        private final AtomicBoolean told = new AtomicBoolean();
        private volatile boolean present;

        Presence(Guest guest) {
            this.guest = guest;
        }

        @Override
        public void attached() {
            present = true;
            tell();
        }

        @Override
        public void detached() {
            present = false;
            tell();
        }

        private void tell() {
            if (told.compareAndSet(false, true)) {
                post(this::hear);
            }
        }

        private void hear() {
            told.set(false);
            if (present) {
                server.attach(guest, System.nanoTime());
            } else {
                server.detach(guest);
            }
        }
    }

    /** What is leased at this moment; the service must be running and not be shut down meanwhile. */
    public List<Lease> leases() {
        CompletableFuture<List<Lease>> leases = new CompletableFuture<>();
        post(() -> leases.complete(server.leases()));
        return leases.join();
    }

    private void post(Runnable command) {
        commands.add(command);
        LockSupport.unpark(thread);
    }

    private Client client(NetPort port) {
        Client client = clients.get(port);
        if (client == null) {
            throw new IllegalStateException("no such port: " + port.name());
        }
        return client;
    }

    // ---- the thread

    private void run() {
        queue.await(0); // loads what it needs: done later, that could use up an unpark just before it sleeps
        while (!stopping) {
            long waitNs = AFTER_FAILURE_NS;
            try {
                waitNs = turn();
            } catch (RuntimeException | Error e) { // without this thread no guest would have addresses
                failures.error("the address service failed and goes on", e);
            }
            // An unpark during the turn may have been used up by a wait within it, one from here on is not.
            if (!stopping && commands.isEmpty()) {
                queue.await(waitNs);
            }
        }
    }

    /** @return nanoseconds that it may sleep unless something is punted or asked for */
    private long turn() {
        server.beginTurn();
        runCommands();
        try {
            queue.poll(this::serve);
            return server.finishTurn(System.nanoTime());
        } finally {
            List<NetPort> done = List.copyOf(served);
            served.clear();
            done.forEach(port -> client(port).reactor().post(port::puntDone));
        }
    }

    private void runCommands() {
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            try {
                command.run();
            } catch (RuntimeException e) {
                failures.error("the address service could not do what it was asked", e);
            }
        }
    }

    private boolean serve(PuntQueue.Punt punt, long sequence, boolean endOfBatch) {
        NetPort port = punt.port;
        if (port == null) {
            return true;
        }
        GuestLog log = client(port).guest().log();
        try {
            switch (punt.kind) {
                case FRAME -> receive(port, punt);
                case SPOOFED_MAC ->
                    log.warn("frames from MAC %s are dropped: the port's is %s"
                            .formatted(new MacAddress(punt.mac), new MacAddress(port.mac())));
                case PORT_BROKEN -> log.warn(broken(punt.fault));
            }
        } catch (RuntimeException e) {
            log.error("a punted frame was not served", e);
        }
        return true;
    }

    private static String broken(@Nullable RingFault fault) {
        String why = fault == null ? "unknown" : fault.description();
        return "port stopped until its frontend starts it again: " + why;
    }

    private void receive(NetPort port, PuntQueue.Punt punt) {
        served.add(port);
        byte[] frame = new byte[punt.frameLength];
        MemorySegment.copy(HostMemory.ALL, ValueLayout.JAVA_BYTE, punt.frameAddress, frame, 0, frame.length);
        server.receive(client(port).guest(), frame);
    }
}
