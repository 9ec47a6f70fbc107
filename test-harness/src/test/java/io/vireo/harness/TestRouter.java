package io.vireo.harness;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.Router;
import io.vireo.router.SocketPolicy;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Delegation;
import io.vireo.router.config.GuestInformation;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.router.dataplane.Counter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A real router with one network or several, all of them 10.0.0.0/24, and guests vm1, vm2, ... with the MACs
 * 52:54:00:12:34:01, 52:54:00:12:34:02, ... The addresses of each network's guests are 10.0.0.5, 10.0.0.6, ...
 */
public final class TestRouter implements AutoCloseable {
    private static final int FIRST_HOST = 5;

    private final Path folder;
    private final List<VhostConfig> guests;
    private final Router router;

    private TestRouter(Path folder, List<VhostConfig> guests, Router router) {
        this.folder = folder;
        this.guests = guests;
        this.router = router;
    }

    /** @param guestsOfNetworks how many guests each network has; they are numbered through */
    public static TestRouter start(Addressing addressing, int... guestsOfNetworks) throws IOException {
        return start(addressing, true, guestsOfNetworks);
    }

    /** @param offloads whether they are offered to the guests */
    public static TestRouter start(Addressing addressing, boolean offloads, int... guestsOfNetworks)
            throws IOException {
        return start(1, addressing, offloads, guestsOfNetworks);
    }

    /** @param reactors how many there are; the first guests belong to the first one */
    public static TestRouter start(int reactors, Addressing addressing, boolean offloads, int... guestsOfNetworks)
            throws IOException {
        return start(reactors, addressing, offloads, 1, guestsOfNetworks);
    }

    /** @param queues pairs of queues that each guest may use */
    public static TestRouter start(
            int reactors, Addressing addressing, boolean offloads, int queues, int[] guestsOfNetworks)
            throws IOException {
        Path folder = Files.createTempDirectory("vireo-test-");
        List<NetworkConfig> networks = new ArrayList<>();
        List<VhostConfig> guests = new ArrayList<>();
        for (int count : guestsOfNetworks) {
            String network = networks.isEmpty() ? VhostConfig.DEFAULT_NETWORK : "network" + (networks.size() + 1);
            networks.add(new NetworkConfig(network, Ipv4Prefix.parse("10.0.0.0/24"), addressing));
            for (int i = 0; i < count; i++) {
                guests.add(guest(folder, guests.size() + 1, FIRST_HOST + i)
                        .withNetwork(network)
                        .withQueues(queues)
                        .withOffloads(offloads));
            }
        }
        Router router = Router.start(new RouterConfig(reactors, networks, guests), SocketPolicy.DEFAULT);
        return new TestRouter(folder, guests, router);
    }

    /**
     * One network that has IPv6 too, whose guests lease any address there and are told of the name server 2001:db8::53, the
     * search domain example.com and the time server 2001:db8::123.
     */
    public static TestRouter start(Addressing addressing, Ipv6Network ipv6, int count) throws IOException {
        int[] mtus = new int[count];
        Arrays.fill(mtus, VhostConfig.DEFAULT_MTU);
        return start(addressing, ipv6, mtus);
    }

    /** The same, with a guest for each MTU. */
    public static TestRouter start(Addressing addressing, Ipv6Network ipv6, int[] mtus) throws IOException {
        Path folder = Files.createTempDirectory("vireo-test-");
        NetworkConfig network = new NetworkConfig(
                        VhostConfig.DEFAULT_NETWORK, Ipv4Prefix.parse("10.0.0.0/24"), addressing)
                .withIpv6(ipv6);
        GuestInformation information = new GuestInformation(
                List.of(),
                List.of(Ipv6Address.parse("2001:db8::53")),
                Optional.empty(),
                List.of("example.com"),
                List.of(),
                List.of(Ipv6Address.parse("2001:db8::123")),
                Optional.empty(),
                Optional.empty(),
                Map.of());
        List<VhostConfig> guests = new ArrayList<>();
        for (int i = 0; i < mtus.length; i++) {
            guests.add(guest(folder, i + 1, FIRST_HOST + i)
                    .withInformation(information)
                    .withMtu(mtus[i]));
        }
        Router router = Router.start(new RouterConfig(1, List.of(network), guests), SocketPolicy.DEFAULT);
        return new TestRouter(folder, guests, router);
    }

    /** Two networks that are the same in everything, with so many guests each, numbered through. */
    public static TestRouter startTwins(Addressing addressing, Ipv6Network ipv6, int count) throws IOException {
        Path folder = Files.createTempDirectory("vireo-test-");
        List<NetworkConfig> networks = new ArrayList<>();
        List<VhostConfig> guests = new ArrayList<>();
        for (String name : List.of(VhostConfig.DEFAULT_NETWORK, "twin")) {
            networks.add(new NetworkConfig(name, Ipv4Prefix.parse("10.0.0.0/24"), addressing).withIpv6(ipv6));
            for (int i = 0; i < count; i++) {
                guests.add(guest(folder, guests.size() + 1, FIRST_HOST + i).withNetwork(name));
            }
        }
        Router router = Router.start(new RouterConfig(1, networks, guests), SocketPolicy.DEFAULT);
        return new TestRouter(folder, guests, router);
    }

    /**
     * These networks. The addresses of each one's guests are the sixth of its prefix, the seventh and so on; those over IPv6, if
     * it has that, are in the /64s of the same numbers.
     *
     * @param guestsOfNetworks how many guests each network has; they are numbered through
     */
    public static TestRouter start(int reactors, List<NetworkConfig> networks, int... guestsOfNetworks)
            throws IOException {
        return start(reactors, networks, UnaryOperator.identity(), guestsOfNetworks);
    }

    /** @param refine makes of each guest what it is to be */
    static TestRouter start(
            int reactors, List<NetworkConfig> networks, UnaryOperator<VhostConfig> refine, int... guestsOfNetworks)
            throws IOException {
        Path folder = Files.createTempDirectory("vireo-test-");
        List<VhostConfig> guests = new ArrayList<>();
        for (int i = 0; i < guestsOfNetworks.length; i++) {
            for (int host = FIRST_HOST; host < FIRST_HOST + guestsOfNetworks[i]; host++) {
                guests.add(refine.apply(guest(folder, guests.size() + 1, networks.get(i), host)));
            }
        }
        Router router = Router.start(new RouterConfig(reactors, networks, guests), SocketPolicy.DEFAULT);
        return new TestRouter(folder, guests, router);
    }

    private static VhostConfig guest(Path folder, int number, NetworkConfig network, int host) {
        VhostConfig guest = guest(folder, number, host)
                .withNetwork(network.name())
                .withIpv4(new Ipv4Address(network.ipv4().address().value() + host));
        return network.ipv6()
                .map(ipv6 -> ipv6.prefix().address())
                .map(first -> guest.withIpv6(new Ipv6Address(first.high() | host, host)))
                .orElse(guest);
    }

    /** One network without IPv6 that leases for so long. */
    public static TestRouter startLeasing(Addressing addressing, int leaseSeconds, int count) throws IOException {
        Path folder = Files.createTempDirectory("vireo-test-");
        NetworkConfig network = new NetworkConfig(
                        VhostConfig.DEFAULT_NETWORK, Ipv4Prefix.parse("10.0.0.0/24"), addressing)
                .withLeaseSeconds(leaseSeconds);
        List<VhostConfig> guests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            guests.add(guest(folder, i + 1, FIRST_HOST + i));
        }
        Router router = Router.start(new RouterConfig(1, List.of(network), guests), SocketPolicy.DEFAULT);
        return new TestRouter(folder, guests, router);
    }

    /**
     * One network whose guests have no addresses of their own: they lease what comes next of 10.0.0.100 to 10.0.0.199, of
     * 2001:db8:1::1000 and so on, and prefixes of length 56 of 2001:db8:2::/48.
     */
    public static TestRouter startPooled(int leaseSeconds, int count) throws IOException {
        Path folder = Files.createTempDirectory("vireo-test-");
        NetworkConfig network = new NetworkConfig(
                        VhostConfig.DEFAULT_NETWORK, Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET)
                .withPool(new Ipv4Range(Ipv4Address.parse("10.0.0.100"), Ipv4Address.parse("10.0.0.199")))
                .withIpv6(new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), Ipv6Addressing.DHCPV6)
                        .withDelegation(new Delegation(Ipv6Prefix.parse("2001:db8:2::/48"), 56)))
                .withLeaseSeconds(leaseSeconds);
        List<VhostConfig> guests = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            guests.add(guest(folder, number));
        }
        Router router = Router.start(new RouterConfig(1, List.of(network), guests), SocketPolicy.DEFAULT);
        return new TestRouter(folder, guests, router);
    }

    private static VhostConfig guest(Path folder, int number, int host) {
        return guest(folder, number).withIpv4(Ipv4Address.parse("10.0.0." + host));
    }

    private static VhostConfig guest(Path folder, int number) {
        return VhostConfig.of(folder.resolve("vm" + number + ".sock"), macOf(number))
                .withDns(List.of(Ipv4Address.parse("1.1.1.1"), Ipv4Address.parse("8.8.8.8")));
    }

    private static MacAddress macOf(int number) {
        return MacAddress.parse("52:54:00:12:34:%02x".formatted(number));
    }

    /** @param number of the guest, from 1 */
    public Path socket(int number) {
        return guests.get(number - 1).socket().path();
    }

    public String mac(int number) {
        return guests.get(number - 1).mac().toString();
    }

    public String address(int number) {
        return guests.get(number - 1).ipv4().toString();
    }

    public long counter(int number, Counter counter) {
        return router.counter(guests.get(number - 1).name(), counter);
    }

    /** How many of the guest's frames were dropped, for whatever reason. */
    public long drops(int number) {
        long drops = 0;
        for (Counter counter : Counter.values()) {
            drops += counter.name().startsWith("TX_DROP") ? counter(number, counter) : 0;
        }
        return drops;
    }

    public Router router() {
        return router;
    }

    @Override
    public void close() throws IOException {
        router.shutdown();
        Files.delete(folder); // empty: the router removed its sockets
    }
}
