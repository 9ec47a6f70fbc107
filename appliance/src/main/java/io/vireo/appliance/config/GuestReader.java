package io.vireo.appliance.config;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.Rate;
import io.vireo.router.config.RouteTarget;
import io.vireo.router.config.VhostConfig;
import io.vireo.vhostuser.backend.VhostUserSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the guests, one after the other, each against its network. */
final class GuestReader {
    private final NetworkReader networks;
    private final SocketPaths sockets;
    private final VsockReader vsock;
    private final Unique unique;
    private final Problems problems;
    private final Map<String, String> networkOf = new HashMap<>();
    private final List<Located<Path>> socketsOfPorts = new ArrayList<>();

    GuestReader(NetworkReader networks, SocketPaths sockets, VsockReader vsock, Unique unique, Problems problems) {
        this.networks = networks;
        this.sockets = sockets;
        this.vsock = vsock;
        this.unique = unique;
        this.problems = problems;
    }

    /** Null, and a problem, where any part of it is wrong. */
    @Nullable
    VhostConfig read(Section section) {
        int before = problems.size();
        List.of(Key.GUEST_NAME, Key.NETWORK, Key.MAC).forEach(section::require);
        Located<String> name =
                problems.parse(section.text(Key.GUEST_NAME), GuestReader::guestName, Key.GUEST_NAME.allowed);
        Located<String> networkName = section.text(Key.NETWORK);
        if (name != null && networkName != null) {
            networkOf.putIfAbsent(name.value(), networkName.value());
        }
        ReadNetwork network =
                Located.orElse(problems.parse(networkName, networks::named, Key.NETWORK.allowed), ReadNetwork.UNKNOWN);
        Located<Integer> mtu = section.integer(Key.GUEST_MTU, network.leastMtu(), network.mtu());
        Located<Integer> queues = section.integer(Key.QUEUES, 1, VhostConfig.MAX_QUEUES);
        Located<Boolean> offloads = section.bool(Key.OFFLOADS);
        Rate rate = RateReader.read(section, problems);
        Located<MacAddress> mac = problems.parse(
                section.text(Key.MAC), text -> VhostConfig.requireUsable(MacAddress.parse(text)), Key.MAC.allowed);
        Located<Ipv4Address> ipv4 = ipv4(section, network.config());
        Located<Ipv6Address> ipv6 = ipv6(section, network.config());
        Located<VhostUserSocket> socket = socket(section, name);
        requireUnique("guest", name);
        requireUnique("MAC", mac);
        vsock.read(section, name);
        if (problems.size() > before || name == null || networkName == null || mac == null || socket == null) {
            return null;
        }
        return new VhostConfig(
                name.value(),
                networkName.value(),
                socket.value(),
                mac.value(),
                Located.orElse(ipv4, VhostConfig.FROM_POOL),
                Located.orElse(ipv6, Ipv6Address.UNSPECIFIED),
                Located.orElse(mtu, network.mtu()),
                network.information(),
                Located.orElse(queues, 1),
                Located.orElse(offloads, true),
                rate);
    }

    private static String guestName(String text) {
        if (!(RoutingReader.target(text) instanceof RouteTarget.Guest)) {
            throw new IllegalArgumentException(text + " is what a route leads to that leads to no guest");
        }
        return text;
    }

    /** The names of all guests that were read, with those of their networks, whatever else is wrong with them. */
    Map<String, String> networkOf() {
        return networkOf;
    }

    private void requireUnique(Object kind, @Nullable Located<?> read) {
        if (read != null) {
            unique.isFirst(kind, read, read.value());
        }
    }

    /** Null where it comes from the pool, or is wrong; so are the others here. */
    private @Nullable Located<Ipv4Address> ipv4(Section section, @Nullable NetworkConfig network) {
        Located<Ipv4Address> address =
                problems.parse(section.text(Key.IPV4_ADDRESS), Ipv4Address::parse, Key.IPV4_ADDRESS.allowed);
        if (network == null) {
            return address;
        }
        if (network.pool().isEmpty()) {
            section.require(Key.IPV4_ADDRESS);
        }
        Located<Ipv4Address> its = problems.parse(address, network::requireGuestAddress, Key.IPV4_ADDRESS.allowed);
        requireUnique(List.of("IPv4 address", network.name()), its);
        return its;
    }

    private @Nullable Located<Ipv6Address> ipv6(Section section, @Nullable NetworkConfig network) {
        Located<Ipv6Address> address =
                problems.parse(section.text(Key.IPV6_ADDRESS), Ipv6Address::parse, Key.IPV6_ADDRESS.allowed);
        if (network == null) {
            return address;
        }
        Ipv6Network ipv6 = network.ipv6().orElse(null);
        if (ipv6 == null) {
            section.refuse(Key.IPV6_ADDRESS, "network " + network.name() + " has no ipv6");
            return null;
        }
        Located<Ipv6Address> its = problems.parse(address, ipv6::requireGuestAddress, Key.IPV6_ADDRESS.allowed);
        if (its != null) {
            Ipv6Prefix reserved = ipv6.reservedFor(its.value()); // two guests cannot share it
            unique.isFirst(List.of("IPv6 address", network.name()), its, reserved);
        }
        return its;
    }

    private @Nullable Located<VhostUserSocket> socket(Section section, @Nullable Located<String> name) {
        Located<String> text = section.text(Key.SOCKET);
        if (text == null && name != null) {
            text = name.with(name.value() + ".sock");
        }
        VhostUserSocket.Mode mode = section.oneOf(Key.MODE, VhostUserSocket.Mode.SERVER);
        Located<VhostUserSocket> socket = sockets.read(text, Key.SOCKET, mode);
        if (socket != null) {
            socketsOfPorts.add(socket.with(socket.value().path()));
        }
        return socket;
    }

    /** Those that were read and are right in themselves. */
    List<Located<Path>> sockets() {
        return socketsOfPorts;
    }
}
