package io.vireo.router;

import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Privileges;
import io.vireo.linux.User;
import io.vireo.router.addresses.AddressServer;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.Rate;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.router.dataplane.Counter;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.dataplane.Network;
import io.vireo.router.dataplane.Uplink;
import io.vireo.router.dataplane.UplinkCounter;
import io.vireo.router.leases.Lease;
import io.vireo.router.reactor.AddressService;
import io.vireo.router.reactor.Handover;
import io.vireo.router.reactor.NetDevice;
import io.vireo.router.reactor.PuntQueue;
import io.vireo.router.reactor.Reactor;
import io.vireo.router.reactor.ReactorCounters;
import io.vireo.vhostuser.backend.VhostUserBackend;
import io.vireo.vhostuser.backend.VhostUserSocket;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The appliance's network as a running thing: sockets, reactors, address service. For any thread.
 *
 * <pre>{@code
 * VhostConfig vm1 = VhostConfig.of(Path.of("/run/vm1.sock"), MacAddress.parse("52:54:00:12:34:01"))
 *         .withIpv4(Ipv4Address.parse("10.0.0.5"))
 *         .withDns(List.of(Ipv4Address.parse("1.1.1.1")));
 * NetworkConfig network = new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET);
 * Router router = Router.start(new RouterConfig(1, List.of(network), List.of(vm1)), SocketPolicy.DEFAULT);
 * ...
 * router.shutdown();
 * }</pre>
 */
public final class Router implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    private record Attachment(NetPort port, Reactor reactor, VhostUserSocket socket, boolean offloads) {}

    private final List<Attachment> attachments = new ArrayList<>();
    private final List<Reactor> reactors = new ArrayList<>();
    private final List<Handover> handovers = new ArrayList<>();
    private final List<VhostUserBackend> backends = new ArrayList<>();
    private final SharedMemory backlogs;
    private final PuntQueue punts;
    private final AddressServer addressServer;
    private final AddressService addresses;
    private @Nullable UplinkService uplink;
    private boolean running = true;

    /** When it returns, every socket of its own listens. @throws IOException if one cannot be made; nothing is left behind then */
    public static Router start(RouterConfig config, SocketPolicy policy) throws IOException {
        Router router = new Router(config);
        try {
            router.createPorts(config);
            router.open(policy);
            return router;
        } catch (IOException | RuntimeException e) {
            router.shutdown();
            throw e;
        }
    }

    private Router(RouterConfig config) throws IOException {
        addressServer = AddressServer.open(config, InstantSource.system(), System.nanoTime(), new SplittableRandom());
        try {
            backlogs = allocateBacklogs(config.guests());
        } catch (LinuxException e) {
            addressServer.close();
            throw e;
        }
        try {
            punts = new PuntQueue(config.guests().size());
        } catch (LinuxException e) {
            backlogs.close();
            addressServer.close();
            throw e;
        }
        addresses = new AddressService(punts, addressServer);
    }

    private static SharedMemory allocateBacklogs(List<VhostConfig> guests) throws LinuxException {
        long size = guests.stream().mapToLong(Router::backlogSize).sum();
        SharedMemory backlogs = SharedMemory.allocate("vireo-backlogs", Math.max(size, 1));
        if (!backlogs.isHuge()) {
            LOG.info("no free huge pages for {} KiB of frame memory: normal pages are used", backlogs.size() / 1024);
        }
        return backlogs;
    }

    /**
     * Deals the guests to the reactors, network by network in even shares: guests of one network meet on one reactor as far
     * as that goes, and only reactors that share a network, or serve peers, need ways between them.
     */
    private void createPorts(RouterConfig config) throws LinuxException {
        Map<String, Network> networks = new HashMap<>();
        config.networks().forEach(network -> networks.put(network.name(), toDataPlane(network)));
        if (config.uplink().isPresent()) {
            uplink = new UplinkService(config.uplink().get(), config, networks);
        }
        for (int i = 0; i < config.reactors(); i++) {
            Uplink end = uplink == null ? Uplink.none() : uplink.end(i);
            reactors.add(new Reactor("reactor-" + i, i, punts, config.idle(), end));
        }
        long memory = backlogs.address();
        for (NetworkConfig network : config.networks()) {
            Network routes = Objects.requireNonNull(networks.get(network.name()));
            for (VhostConfig guest : config.guests()) {
                if (guest.network().equals(network.name())) {
                    int reactor = attachments.size()
                            * reactors.size()
                            / config.guests().size();
                    addPort(guest, network, routes, reactors.get(reactor), memory);
                    memory += backlogSize(guest);
                }
            }
        }
        connectReactors(config);
        Map<String, NetPort> ports = new HashMap<>();
        attachments.forEach(attachment -> ports.put(attachment.port.name(), attachment.port));
        new RouteInstaller(config, networks, ports).install();
    }

    private static Network toDataPlane(NetworkConfig network) {
        return new Network(
                network.name(),
                network.ipv4(),
                network.gateway(),
                network.addressing() == Addressing.ROUTED,
                network.ipv6().map(Ipv6Network::prefix));
    }

    static long backlogSize(VhostConfig guest) {
        return guest.queues() * NetPort.backlogSize(guest.mtu());
    }

    private void connectReactors(RouterConfig config) throws LinuxException {
        Map<String, Set<Reactor>> serving = new HashMap<>();
        for (Attachment attachment : attachments) {
            serving.computeIfAbsent(attachment.port.network().name(), network -> new LinkedHashSet<>())
                    .add(attachment.reactor);
        }
        Map<Reactor, Set<Reactor>> reachable = new LinkedHashMap<>();
        for (NetworkConfig network : config.networks()) {
            Set<Reactor> its = serving.getOrDefault(network.name(), Set.of());
            Set<Reactor> all = new LinkedHashSet<>(its);
            for (NetworkConfig peer : config.peersOf(network)) {
                all.addAll(serving.getOrDefault(peer.name(), Set.of()));
            }
            its.forEach(from -> reachable
                    .computeIfAbsent(from, reactor -> new LinkedHashSet<>())
                    .addAll(all));
        }
        for (NetworkConfig network : config.networks()) {
            if (network.routing().usesUplink()) { // any reactor may read what the host has for its guests
                Set<Reactor> its = serving.getOrDefault(network.name(), Set.of());
                reactors.forEach(from -> reachable
                        .computeIfAbsent(from, reactor -> new LinkedHashSet<>())
                        .addAll(its));
            }
        }
        for (Map.Entry<Reactor, Set<Reactor>> ways : reachable.entrySet()) {
            for (Reactor to : ways.getValue()) {
                if (to != ways.getKey()) {
                    handovers.add(ways.getKey().connect(to));
                }
            }
        }
    }

    private void addPort(VhostConfig guest, NetworkConfig network, Network routes, Reactor reactor, long memory) {
        NetPort port = new NetPort(
                guest.name(),
                routes,
                guest.mac().value(),
                0, // until the address service says so
                guest.mtu(),
                guest.queues(),
                reactor.number(),
                memory);
        limit(port, guest.rate());
        attachments.add(new Attachment(port, reactor, guest.socket(), guest.offloads()));
        addresses.add(port, guest, network, reactor);
    }

    private static void limit(NetPort port, Rate rate) {
        if (rate.limitsEgress()) {
            port.limitEgress(rate.egressBits() / Byte.SIZE, rate.egressFrames(), rate.burstNs(), System::nanoTime);
        }
        if (rate.limitsIngress()) {
            port.limitIngress(rate.ingressBits() / Byte.SIZE, rate.ingressFrames(), rate.burstNs(), System::nanoTime);
        }
    }

    private void open(SocketPolicy policy) throws IOException {
        reactors.forEach(Reactor::start);
        if (uplink != null) {
            uplink.start(reactors);
        }
        addresses.start();
        for (Attachment attachment : attachments) {
            NetDevice device = new NetDevice(
                    attachment.port, attachment.reactor, attachment.offloads, addresses.presence(attachment.port));
            backends.add(VhostUserBackend.open(attachment.socket, device));
            if (attachment.socket.isServer()) {
                policy.apply(attachment.socket.path());
            }
        }
        for (VhostUserBackend backend : backends) {
            backend.start();
        }
    }

    /**
     * Has the whole process become another user's, once everything is open; only the thread that keeps the uplink stays able
     * to change the host's network. There is no way back.
     *
     * @throws IOException if that is not possible, or not wholly: then the process should end
     */
    public void dropPrivileges(User user) throws IOException {
        if (uplink == null) {
            Privileges.drop(user);
        } else {
            uplink.keeper().dropPrivileges(user);
        }
    }

    /** What was counted, by port name, all counters of a port read at one moment. */
    public Map<String, Map<Counter, Long>> counters() {
        Map<String, Map<Counter, Long>> all = new LinkedHashMap<>();
        for (Attachment attachment : attachments) {
            long[] values = attachment.reactor.call(attachment.port::countersCopy);
            Map<Counter, Long> named = new EnumMap<>(Counter.class);
            for (Counter counter : Counter.values()) {
                named.put(counter, counter.in(values));
            }
            all.put(attachment.port.name(), named);
        }
        return all;
    }

    /** What is leased at this moment. @throws IllegalStateException if the router is shut down */
    public synchronized List<Lease> leases() {
        if (!running) {
            throw new IllegalStateException("the router is shut down");
        }
        return addresses.leases();
    }

    /** One counter of one guest. @throws IllegalArgumentException if there is no such guest */
    public long counter(String guest, Counter counter) {
        for (Attachment attachment : attachments) {
            if (attachment.port.name().equals(guest)) {
                return attachment.reactor.call(() -> attachment.port.counter(counter));
            }
        }
        throw new IllegalArgumentException("no guest " + guest);
    }

    /** What was counted of the uplink, by reactor, or nothing if there is none. */
    public Map<String, Map<UplinkCounter, Long>> uplinkCounters() {
        Map<String, Map<UplinkCounter, Long>> all = new LinkedHashMap<>();
        for (Reactor reactor : uplink == null ? List.<Reactor>of() : reactors) {
            long[] values = reactor.uplinkCounters();
            Map<UplinkCounter, Long> named = new EnumMap<>(UplinkCounter.class);
            for (UplinkCounter counter : UplinkCounter.values()) {
                named.put(counter, counter.in(values));
            }
            all.put("uplink-" + reactor.number(), named);
        }
        return all;
    }

    /** What each reactor's time went to, by its name. */
    public Map<String, ReactorCounters> reactorCounters() {
        Map<String, ReactorCounters> all = new LinkedHashMap<>();
        for (Reactor reactor : reactors) {
            all.put(reactor.name(), reactor.counters());
        }
        return all;
    }

    /**
     * {@link #counters}, {@link #uplinkCounters} and {@link #reactorCounters} for people: of a port its frames, and whatever
     * else is not zero, a line each.
     */
    public String countersText() {
        StringBuilder text = new StringBuilder();
        counters()
                .forEach((port, counters) -> counters.forEach((counter, value) -> {
                    if (value != 0 || counter == Counter.TX_FRAMES || counter == Counter.RX_FRAMES) {
                        text.append("%s %s %d%n".formatted(port, counter.label(), value));
                    }
                }));
        uplinkCounters()
                .forEach((end, counters) -> counters.forEach((counter, value) -> {
                    if (value != 0 || counter == UplinkCounter.OUT_PACKETS || counter == UplinkCounter.IN_PACKETS) {
                        text.append("%s %s %d%n".formatted(end, counter.label(), value));
                    }
                }));
        reactorCounters()
                .forEach((reactor, counters) -> counters.labelled()
                        .forEach((label, value) -> text.append("%s %s %d%n".formatted(reactor, label, value))));
        return text.toString();
    }

    /** Ends all sessions and threads and removes the sockets. Does nothing the second time. */
    public synchronized void shutdown() {
        if (!running) {
            return;
        }
        running = false;
        backends.forEach(VhostUserBackend::close);
        addresses.shutdown();
        try {
            addressServer.close();
        } catch (IOException e) {
            LOG.warn("the journal of leases was not closed", e);
        }
        if (uplink != null) {
            uplink.stop();
        }
        reactors.forEach(Reactor::shutdown);
        if (uplink != null) {
            uplink.close();
        }
        handovers.forEach(Handover::close);
        punts.close();
        backlogs.close();
    }

    @Override
    public void close() {
        shutdown();
    }
}
