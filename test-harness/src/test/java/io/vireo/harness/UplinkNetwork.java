package io.vireo.harness;

import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.guests.NamespaceGuest;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.Router;
import io.vireo.router.SocketPolicy;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.IdlePolicy;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.Routing;
import io.vireo.router.config.UplinkConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.router.dataplane.Counter;
import io.vireo.router.dataplane.UplinkCounter;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A real router with an uplink to the network namespace of the thread that starts it:
 *
 * <pre>
 *   host      192.0.2.1   2001:db8:ffff::1
 *   open      10.0.0.0/24 2001:db8:1::/48   uplink     vm1, vm2
 *   other     10.0.1.0/24 2001:db8:2::/48   uplink     vm3
 *   private   10.0.0.0/24 2001:db8:1::/48   -          vm4
 *   friend    10.0.3.0/24 2001:db8:3::/48   open's     vm5
 * </pre>
 *
 * The guests' addresses end with 4 more than their number: vm1 has 10.0.0.5 and 2001:db8:1:5::5.
 */
final class UplinkNetwork implements AutoCloseable {
    static final String TUN = "vireo0";
    static final String HOST = "192.0.2.1";
    static final String HOST_IPV6 = "2001:db8:ffff::1";
    private static final Duration SOON = Duration.ofSeconds(20);

    /** The network of each guest, by its place in {@link #NETWORKS}. */
    private static final int[] NETWORK_OF = {0, 0, 1, 2, 3};

    /** The guests of networks with the uplink are the first ones. */
    private static final int UPLINKED = 3;

    private static final List<NetworkConfig> NETWORKS = List.of(
            network("open", "10.0.0.0/24", "2001:db8:1::/48", new Routing(true, List.of(), List.of())),
            network("other", "10.0.1.0/24", "2001:db8:2::/48", new Routing(true, List.of(), List.of())),
            network("private", "10.0.0.0/24", "2001:db8:1::/48", Routing.NONE),
            network("friend", "10.0.3.0/24", "2001:db8:3::/48", new Routing(false, List.of(), List.of("open"))));

    private final Path folder;
    private final List<VhostConfig> guests;
    private final Router router;

    private UplinkNetwork(Path folder, List<VhostConfig> guests, Router router) {
        this.folder = folder;
        this.guests = guests;
        this.router = router;
    }

    static UplinkNetwork start(int reactors) throws Exception {
        return start(reactors, true);
    }

    /**
     * When it returns, the host has routes to the guests, which it gets a moment after the router's start.
     *
     * @param offloads whether they are offered to the guests
     */
    static UplinkNetwork start(int reactors, boolean offloads) throws Exception {
        Path folder = Files.createTempDirectory("vireo-test-");
        List<VhostConfig> guests = new ArrayList<>();
        for (int number = 1; number <= NETWORK_OF.length; number++) {
            MacAddress mac = MacAddress.parse("52:54:00:12:34:%02x".formatted(number));
            guests.add(VhostConfig.of(folder.resolve("vm" + number + ".sock"), mac)
                    .withNetwork(NETWORKS.get(NETWORK_OF[number - 1]).name())
                    .withIpv4(Ipv4Address.parse(address(number)))
                    .withIpv6(Ipv6Address.parse(addressIpv6(number)))
                    .withOffloads(offloads));
        }
        UplinkConfig uplink =
                UplinkConfig.of(TUN).withIpv4(Ipv4Address.parse(HOST)).withIpv6(Ipv6Address.parse(HOST_IPV6));
        RouterConfig config =
                new RouterConfig(reactors, IdlePolicy.DEFAULT, Optional.empty(), Optional.of(uplink), NETWORKS, guests);
        UplinkNetwork network = new UplinkNetwork(folder, guests, Router.start(config, SocketPolicy.DEFAULT));
        try {
            OwnNamespace.eventually(UplinkNetwork::isReachable, "the host's routes to the guests");
            return network;
        } catch (Throwable e) {
            network.close();
            throw e;
        }
    }

    private static boolean isReachable() throws Exception {
        String routes = OwnNamespace.ip("route show dev " + TUN) + OwnNamespace.ip("-6 route show dev " + TUN);
        return IntStream.rangeClosed(1, UPLINKED)
                .allMatch(number -> routes.contains(address(number) + " ")
                        && routes.contains(addressIpv6(number).replaceAll("::.*", "::/64 ")));
    }

    private static NetworkConfig network(String name, String ipv4, String ipv6, Routing routing) {
        return new NetworkConfig(name, Ipv4Prefix.parse(ipv4), Addressing.SUBNET)
                .withIpv6(new Ipv6Network(Ipv6Prefix.parse(ipv6), Ipv6Addressing.SLAAC))
                .withRouting(routing);
    }

    static String address(int number) {
        String network = NETWORKS.get(NETWORK_OF[number - 1]).ipv4().toString();
        return network.replace(".0/24", "." + (number + 4));
    }

    static String addressIpv6(int number) {
        String network = NETWORKS.get(NETWORK_OF[number - 1])
                .ipv6()
                .orElseThrow()
                .prefix()
                .toString();
        return network.replace("::/48", ":%x::%<x".formatted(number + 4));
    }

    // ---- guests

    Path socket(int number) {
        return guests.get(number - 1).socket().path();
    }

    /** A guest that has its addresses and its routes. */
    NamespaceGuest boot(int number) throws IOException {
        return boot(number, socket(number));
    }

    /** The same, of a process of its own. */
    static NamespaceGuest boot(int number, Path socket) throws IOException {
        NamespaceGuest guest = NamespaceGuest.boot("vm" + number, socket);
        try {
            // An advertisement could come between, and be first to make the default route.
            guest.run("""
                    echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_ra
                    ip link set eth0 up
                    ip address add %s/24 dev eth0
                    ip address add %s/64 dev eth0 nodad
                    ip route add default via 169.254.0.1 dev eth0 onlink
                    ip -6 route add default via fe80::1 dev eth0
                    """.formatted(address(number), addressIpv6(number)), SOON);
            return guest;
        } catch (Throwable e) {
            guest.close();
            throw e;
        }
    }

    /** The driver alone of a guest, with so many receive buffers. */
    VhostUserFrontendDevice attach(int number, int buffers) throws IOException {
        VhostUserFrontendDevice device = VhostUserFrontendDevice.connect(socket(number));
        try {
            device.setup();
            for (int i = 0; i < buffers; i++) {
                device.provideRxBuffer(TestGuest.BUFFER_SIZE);
            }
            return device;
        } catch (Throwable e) {
            device.close();
            throw e;
        }
    }

    /** A datagram as a guest sends it. */
    byte[] datagram(int number, Inet4Address to, int port, byte[] payload) {
        return Packets.createUdp(
                Packets.mac(guests.get(number - 1).mac().toString()),
                Packets.GATEWAY_MAC,
                Packets.ip(address(number)),
                to,
                port,
                port,
                payload,
                TestGuest.TTL);
    }

    byte[] datagram(int number, Inet6Address to, int port, byte[] payload) {
        return Packets.createUdp(
                Packets.mac(guests.get(number - 1).mac().toString()),
                Packets.GATEWAY_MAC,
                Packets.ip6(addressIpv6(number)),
                to,
                port,
                port,
                payload,
                TestGuest.TTL);
    }

    // ---- counters

    long counter(int number, Counter counter) {
        return router.counter(guests.get(number - 1).name(), counter);
    }

    /** Of all reactors together. */
    long counter(UplinkCounter counter) {
        return router.uplinkCounters().values().stream()
                .mapToLong(counters -> counters.getOrDefault(counter, 0L))
                .sum();
    }

    Router router() {
        return router;
    }

    @Override
    public void close() throws IOException {
        router.shutdown();
        Files.delete(folder); // empty: the router removed its sockets
    }
}
