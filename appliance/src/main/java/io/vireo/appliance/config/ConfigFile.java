package io.vireo.appliance.config;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.GuestInformation;
import io.vireo.router.config.IdlePolicy;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads one file; every rule of the configuration is here or in the types that it makes. */
final class ConfigFile {
    private final Host host;
    private final Path file;
    private final boolean toStart;
    private final Problems problems;
    private final Map<String, ReadNetwork> networks = new HashMap<>();
    /** Where each value that must be unique was first seen; the keys say of what kind it is. */
    private final Map<List<Object>, Located<?>> seen = new HashMap<>();

    /** A network with what is told to its guests; without {@code config} where any part of it was wrong. */
    private record ReadNetwork(String name, @Nullable NetworkConfig config, int mtu, GuestInformation information) {}

    /** @param toStart whether it must be possible to start it here and now, or the file alone counts */
    ConfigFile(Path file, Host host, boolean toStart) {
        this.file = file;
        this.host = host;
        this.toStart = toStart;
        problems = new Problems(file);
    }

    ApplianceConfig read() throws ConfigException {
        Node root = YamlFile.load(file, problems);
        Section top = root == null ? null : Section.of(root, "", Key.TOP, problems);
        if (top == null) {
            throw problems.toException();
        }
        Path runtimeDir = directory(top, Key.RUNTIME_DIR, RuntimeDirectory.defaultOn(host));
        Path state = StateDirectory.defaultOn(host, runtimeDir);
        boolean isOneDirectory = !top.has(Key.STATE_DIR) && state.equals(runtimeDir);
        Path stateDir = isOneDirectory ? runtimeDir : directory(top, Key.STATE_DIR, state);
        int mode = socketMode(top);
        OptionalInt group = socketGroup(top);
        Located<Integer> reactors = top.integer(Key.REACTORS, 1, RouterConfig.MAX_REACTORS);
        IdlePolicy idle = idle(top);
        top.require(Key.NETWORKS);
        top.require(Key.GUESTS);
        List<NetworkConfig> networkConfigs = new ArrayList<>();
        for (Section section : top.sections(Key.NETWORKS, Key.OF_NETWORK)) {
            readNetwork(section, networkConfigs);
        }
        List<VhostConfig> guests = new ArrayList<>();
        for (Section section : top.sections(Key.GUESTS, Key.OF_GUEST)) {
            readGuest(section, runtimeDir, guests);
        }
        if (!problems.isEmpty()) {
            throw problems.toException();
        }
        RouterConfig router = new RouterConfig(
                reactors == null ? 1 : reactors.value(),
                idle,
                Optional.of(stateDir.resolve(ApplianceConfig.JOURNAL)),
                networkConfigs,
                guests);
        return new ApplianceConfig(runtimeDir, stateDir, mode, group, router);
    }

    /** The directory that is given, which must be usable, or the default one, which must be too. */
    private Path directory(Section top, Key key, Path otherwise) {
        Located<String> text = top.text(key);
        Located<Path> given = problems.parse(text, ConfigFile::absolutePath, key.allowed);
        Path directory = given == null ? otherwise : given.value();
        if (toStart && (text == null || given != null)) {
            Located<Path> at = given == null ? new Located<>(directory, 1, key.text) : given;
            problems.parse(
                    at,
                    path -> {
                        RuntimeDirectory.requireUsable(path, host);
                        return path;
                    },
                    key.allowed);
        }
        return directory;
    }

    private static Path absolutePath(String text) {
        Path path = Path.of(text);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(text + " is not an absolute path");
        }
        return path.normalize();
    }

    private int socketMode(Section top) {
        Located<Integer> mode = problems.parse(top.text(Key.SOCKET_MODE), ConfigFile::mode, Key.SOCKET_MODE.allowed);
        return mode == null ? ApplianceConfig.DEFAULT_SOCKET_MODE : mode.value();
    }

    private static int mode(String text) {
        if (!text.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException(text + " is not an octal file mode");
        }
        return Integer.parseInt(text, 8);
    }

    private OptionalInt socketGroup(Section top) {
        Located<Integer> group = problems.parse(
                top.text(Key.SOCKET_GROUP),
                name -> host.groupId(name).orElseThrow(() -> new IllegalArgumentException("there is no group " + name)),
                Key.SOCKET_GROUP.allowed);
        return group == null ? OptionalInt.empty() : OptionalInt.of(group.value());
    }

    private IdlePolicy idle(Section top) {
        Section section = top.section(Key.IDLE, Key.OF_IDLE);
        if (section == null) {
            return IdlePolicy.DEFAULT;
        }
        Located<Long> spin = problems.parse(section.text(Key.SPIN), ConfigFile::spin, Key.SPIN.allowed);
        Located<IdlePolicy.Mode> mode =
                problems.parse(section.text(Key.IDLE_MODE), ConfigFile::idleMode, Key.IDLE_MODE.allowed);
        return new IdlePolicy(
                mode == null ? IdlePolicy.DEFAULT.mode() : mode.value(),
                spin == null ? IdlePolicy.DEFAULT.spinNs() : spin.value());
    }

    private static long spin(String text) {
        long ns = Durations.parseNs(text);
        if (ns > IdlePolicy.MAX_SPIN_NS) {
            throw new IllegalArgumentException(text + " is too long");
        }
        return ns;
    }

    private static IdlePolicy.Mode idleMode(String text) {
        for (IdlePolicy.Mode mode : IdlePolicy.Mode.values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(text)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("unknown mode " + text);
    }

    private void readNetwork(Section section, List<NetworkConfig> configs) {
        Located<String> text = section.text(Key.NAME);
        NetworkReader reader = new NetworkReader(section, text, problems);
        NetworkConfig config = reader.network();
        GuestInformation information = reader.information();
        Located<Integer> mtu = section.integer(Key.NETWORK_MTU, VhostConfig.MIN_MTU, VhostConfig.MAX_MTU);
        if (text == null || !isFirst("network", text, text.value())) {
            return;
        }
        if (config != null) {
            configs.add(config);
        }
        int mostMtu = mtu == null ? VhostConfig.DEFAULT_MTU : mtu.value();
        networks.put(text.value(), new ReadNetwork(text.value(), config, mostMtu, information));
    }

    private void readGuest(Section section, Path runtimeDir, List<VhostConfig> guests) {
        for (Key key : List.of(Key.NAME, Key.NETWORK, Key.MAC)) {
            section.require(key);
        }
        Located<String> name = problems.parse(section.text(Key.NAME), VhostConfig::requireName, Key.NAME.allowed);
        Located<ReadNetwork> network = problems.parse(section.text(Key.NETWORK), this::network, Key.NETWORK.allowed);
        int maxMtu = network == null ? VhostConfig.MAX_MTU : network.value().mtu();
        Located<Integer> mtu = section.integer(Key.GUEST_MTU, VhostConfig.MIN_MTU, maxMtu);
        Located<Integer> queues = section.integer(Key.QUEUES, 1, VhostConfig.MAX_QUEUES);
        Located<Boolean> offloads = section.bool(Key.OFFLOADS);
        Located<MacAddress> mac = problems.parse(
                section.text(Key.MAC), text -> VhostConfig.requireUsable(MacAddress.parse(text)), Key.MAC.allowed);
        NetworkConfig its = network == null ? null : network.value().config();
        Located<Ipv4Address> address = ipv4(section, its);
        Located<Ipv6Address> ipv6 = ipv6(section, its);
        Located<Path> socket = socket(section, name, runtimeDir);
        boolean unique = name != null && isFirst("guest", name, name.value());
        if (mac != null) {
            unique &= isFirst("MAC", mac, mac.value());
        }
        if (address != null && network != null && section.has(Key.IPV4_ADDRESS)) {
            unique &= isFirst(List.of("address", network.value().name()), address, address.value());
        }
        Ipv6Network itsIpv6 = its == null ? null : its.ipv6().orElse(null);
        if (ipv6 != null && its != null && itsIpv6 != null && section.has(Key.IPV6_ADDRESS)) {
            Ipv6Prefix reserved = itsIpv6.reservedFor(ipv6.value());
            unique &= isFirst(List.of("address", its.name()), ipv6, reserved);
        }
        if (socket != null) {
            unique &= isFirst("socket", socket, socket.value());
        }
        if (!unique
                || name == null
                || network == null
                || mac == null
                || address == null
                || ipv6 == null
                || socket == null) {
            return; // each of which has its problem already
        }
        if (problems.isEmpty()) {
            ReadNetwork read = network.value();
            guests.add(new VhostConfig(
                    name.value(),
                    read.name(),
                    socket.value(),
                    mac.value(),
                    address.value(),
                    ipv6.value(),
                    mtu == null ? read.mtu() : mtu.value(),
                    read.information(),
                    queues == null ? 1 : queues.value(),
                    offloads == null || offloads.value()));
        }
    }

    private ReadNetwork network(String name) {
        ReadNetwork network = networks.get(name);
        if (network == null) {
            throw new IllegalArgumentException("there is no network " + name);
        }
        return network;
    }

    /** Null where it is wrong; 0.0.0.0 where it comes from the pool. */
    private @Nullable Located<Ipv4Address> ipv4(Section section, @Nullable NetworkConfig network) {
        if (!section.has(Key.IPV4_ADDRESS)) {
            if (network != null && network.pool().isEmpty()) {
                section.require(Key.IPV4_ADDRESS);
                return null;
            }
            return new Located<>(new Ipv4Address(0), 0, "");
        }
        Located<Ipv4Address> address =
                problems.parse(section.text(Key.IPV4_ADDRESS), Ipv4Address::parse, Key.IPV4_ADDRESS.allowed);
        return network == null
                ? address
                : problems.parse(address, network::requireGuestAddress, Key.IPV4_ADDRESS.allowed);
    }

    /** Null where it is wrong; unspecified where any will do. */
    private @Nullable Located<Ipv6Address> ipv6(Section section, @Nullable NetworkConfig network) {
        if (!section.has(Key.IPV6_ADDRESS)) {
            return new Located<>(Ipv6Address.UNSPECIFIED, 0, "");
        }
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
        return problems.parse(address, ipv6::requireGuestAddress, Key.IPV6_ADDRESS.allowed);
    }

    private @Nullable Located<Path> socket(Section section, @Nullable Located<String> name, Path runtimeDir) {
        Located<String> text = section.text(Key.SOCKET);
        if (text == null && name != null) {
            text = new Located<>(name.value() + ".sock", name.line(), name.path());
        }
        return problems.parse(text, value -> socket(runtimeDir, value), Key.SOCKET.allowed);
    }

    private Path socket(Path runtimeDir, String text) {
        Path path = runtimeDir.resolve(text).normalize();
        if (path.equals(runtimeDir) || path.getFileName() == null) {
            throw new IllegalArgumentException(path + " is a directory");
        }
        VhostConfig.requireUsable(path);
        if (toStart) {
            requireFree(path, runtimeDir);
        }
        return path;
    }

    private void requireFree(Path path, Path runtimeDir) {
        Path parent = path.getParent();
        if (parent == null || (!parent.equals(runtimeDir) && !Files.isDirectory(parent))) {
            throw new IllegalArgumentException("there is no directory " + parent);
        }
        switch (host.socketState(path)) {
            case ABSENT, STALE -> {}
            case LIVE -> throw new IllegalArgumentException(path + " is in use by another process");
            case NOT_A_SOCKET -> throw new IllegalArgumentException(path + " exists and is no socket");
        }
    }

    private boolean isFirst(Object kind, Located<?> at, Object value) {
        Located<?> first = seen.putIfAbsent(List.of(kind, value), at);
        if (first == null) {
            return true;
        }
        problems.add(at, value + " is there already, on line " + first.line(), "each once");
        return false;
    }
}
