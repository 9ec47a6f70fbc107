package io.vireo.router.addresses;

import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.router.leases.BookOnFullDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;

/** An {@link AddressServer} with fake clients, whose both clocks go when they are told to. */
final class Service implements AutoCloseable {
    private final List<VhostConfig> configs = new ArrayList<>();
    private final Map<Client, Guest> guests = new LinkedHashMap<>();
    private final NetworkConfig network;
    private final Path journal;
    private long milliseconds = 1_700_000_000_000L;
    private BookOnFullDisk disk;
    private AddressServer server;
    final List<String> events = new ArrayList<>();
    /** What the last turn said. */
    long sleepNs;

    /** @param clients what is special about each */
    @SafeVarargs
    @SuppressWarnings("NullAway.Init") // started once the guests are known
    Service(Path folder, NetworkConfig network, UnaryOperator<VhostConfig>... clients) throws IOException {
        this.network = network;
        journal = folder.resolve("leases.journal");
        for (UnaryOperator<VhostConfig> special : clients) {
            Client client = new Client(Character.toString('a' + guests.size()), guests.size() + 1, events);
            VhostConfig config = VhostConfig.of(Path.of("/run/" + client.name), client.mac);
            configs.add(special.apply(config.withNetwork(network.name())));
            guests.put(client, new Guest(configs.getLast(), network, client));
        }
        start();
    }

    private void start() throws IOException {
        RouterConfig config = new RouterConfig(1, List.of(network), configs);
        disk = new BookOnFullDisk(journal, Resources.pools(config), Resources.reservations(config), this::now);
        server = new AddressServer(disk.book, this::now, new RouterAdvertiser(nowNs(), new Random(4)));
        server.begin(List.copyOf(guests.values()));
    }

    /** Ends it, and begins anew with the same journal and clients whose links are new. */
    void restart() throws IOException {
        server.close();
        Map<Client, Guest> old = new LinkedHashMap<>(guests);
        guests.clear();
        int i = 0;
        for (Client client : old.keySet()) {
            client.ipv4 = 0;
            client.own = Optional.empty();
            client.delegated = Optional.empty();
            guests.put(client, new Guest(configs.get(i++), network, client));
        }
        start();
    }

    private Instant now() {
        return Instant.ofEpochMilli(milliseconds);
    }

    /** Runs over the end of what a long holds soon. */
    long nowNs() {
        return Long.MAX_VALUE - 5_000_000_000L + (milliseconds - 1_700_000_000_000L) * 1_000_000;
    }

    Client client(int number) {
        return List.copyOf(guests.keySet()).get(number);
    }

    void diskFull(boolean full) {
        disk.full(full);
    }

    /** One frame in a turn of its own. */
    void receive(Client client, byte[] frame) {
        turn(() -> server.receive(guest(client), frame));
    }

    /** In a turn that is under way. */
    void take(Client client, byte[] frame) {
        server.receive(guest(client), frame);
    }

    void attach(Client client) {
        turn(() -> server.attach(guest(client), nowNs()));
    }

    void detach(Client client) {
        turn(() -> server.detach(guest(client)));
    }

    private Guest guest(Client client) {
        Guest guest = guests.get(client);
        if (guest == null) {
            throw new IllegalArgumentException(client.name);
        }
        return guest;
    }

    void turn(Runnable steps) {
        server.beginTurn();
        steps.run();
        sleepNs = server.finishTurn(nowNs());
    }

    void pass(long ms) {
        milliseconds += ms;
    }

    /** Lets the time pass that the last turn would have slept, and takes the next turn. */
    void sleep() {
        milliseconds += (sleepNs + 999_999) / 1_000_000;
        turn(() -> {});
    }

    List<String> leases() {
        return server.leases().stream()
                .map(lease -> lease.client().mac() + " " + lease.resource())
                .toList();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
