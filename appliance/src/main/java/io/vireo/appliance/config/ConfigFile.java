package io.vireo.appliance.config;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.router.Addressing;
import io.vireo.router.NetworkConfig;
import io.vireo.router.RouterConfig;
import io.vireo.router.VhostConfig;
import io.vireo.router.reactor.IdlePolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    private record ReadNetwork(String name, @Nullable NetworkConfig config, int mtu, List<Ipv4Address> dns) {}

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
        Path runtimeDir = runtimeDir(top);
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
        RouterConfig router = new RouterConfig(reactors == null ? 1 : reactors.value(), idle, networkConfigs, guests);
        return new ApplianceConfig(runtimeDir, mode, group, router);
    }

    private Path runtimeDir(Section top) {
        Located<String> text = top.text(Key.RUNTIME_DIR);
        Located<Path> given = problems.parse(text, ConfigFile::absolutePath, Key.RUNTIME_DIR.allowed);
        Path directory = given == null ? RuntimeDirectory.defaultOn(host) : given.value();
        if (toStart && (text == null || given != null)) {
            Located<Path> at = given == null ? new Located<>(directory, 1, Key.RUNTIME_DIR.text) : given;
            problems.parse(
                    at,
                    path -> {
                        RuntimeDirectory.requireUsable(path, host);
                        return path;
                    },
                    Key.RUNTIME_DIR.allowed);
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
        section.require(Key.NAME);
        section.require(Key.IPV4_PREFIX);
        Located<String> text = section.text(Key.NAME);
        Located<String> name = problems.parse(text, NetworkConfig::requireName, Key.NAME.allowed);
        Located<Ipv4Prefix> prefix = problems.parse(
                section.text(Key.IPV4_PREFIX),
                prefixText -> NetworkConfig.requireUsable(Ipv4Prefix.parse(prefixText)),
                Key.IPV4_PREFIX.allowed);
        Located<String> kind = section.text(Key.ADDRESSING);
        Located<Addressing> addressing = kind == null
                ? new Located<>(Addressing.SUBNET, 0, "")
                : problems.parse(kind, ConfigFile::addressing, Key.ADDRESSING.allowed);
        Located<Integer> mtu = section.integer(Key.NETWORK_MTU, VhostConfig.MIN_MTU, VhostConfig.MAX_MTU);
        List<Ipv4Address> dns = readDns(section);
        if (text == null || !isFirst("network", text, text.value())) {
            return;
        }
        NetworkConfig config = null;
        if (name != null && prefix != null && addressing != null) {
            config = new NetworkConfig(name.value(), prefix.value(), addressing.value());
            configs.add(config);
        }
        int mostMtu = mtu == null ? VhostConfig.DEFAULT_MTU : mtu.value();
        networks.put(text.value(), new ReadNetwork(text.value(), config, mostMtu, dns));
    }

    private static Addressing addressing(String text) {
        for (Addressing addressing : Addressing.values()) {
            if (addressing.name().toLowerCase(Locale.ROOT).equals(text)) {
                return addressing;
            }
        }
        throw new IllegalArgumentException("unknown addressing " + text);
    }

    private List<Ipv4Address> readDns(Section section) {
        List<Ipv4Address> dns = new ArrayList<>();
        for (Located<String> text : section.texts(Key.DNS)) {
            Located<Ipv4Address> address = problems.parse(text, Ipv4Address::parse, Key.DNS.allowed);
            if (address != null) {
                dns.add(address.value());
            }
            if (dns.size() == VhostConfig.MAX_DNS + 1) {
                problems.add(text, "is one name server too many", Key.DNS.allowed);
            }
        }
        return dns;
    }

    private void readGuest(Section section, Path runtimeDir, List<VhostConfig> guests) {
        for (Key key : List.of(Key.NAME, Key.NETWORK, Key.MAC, Key.IPV4_ADDRESS)) {
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
        Located<Ipv4Address> address = address(section, network == null ? null : network.value());
        Located<Path> socket = socket(section, name, runtimeDir);
        boolean unique = name != null && isFirst("guest", name, name.value());
        if (mac != null) {
            unique &= isFirst("MAC", mac, mac.value());
        }
        if (address != null && network != null) {
            unique &= isFirst(List.of("address", network.value().name()), address, address.value());
        }
        if (socket != null) {
            unique &= isFirst("socket", socket, socket.value());
        }
        if (!unique || name == null || network == null || mac == null || address == null || socket == null) {
            return; // each of which has its problem already
        }
        if (problems.isEmpty()) {
            ReadNetwork its = network.value();
            int itsMtu = mtu == null ? its.mtu() : mtu.value();
            guests.add(new VhostConfig(
                    name.value(),
                    its.name(),
                    socket.value(),
                    mac.value(),
                    address.value(),
                    itsMtu,
                    its.dns(),
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

    private @Nullable Located<Ipv4Address> address(Section section, @Nullable ReadNetwork network) {
        Located<Ipv4Address> address =
                problems.parse(section.text(Key.IPV4_ADDRESS), Ipv4Address::parse, Key.IPV4_ADDRESS.allowed);
        NetworkConfig config = network == null ? null : network.config();
        return config == null
                ? address
                : problems.parse(address, config::requireGuestAddress, Key.IPV4_ADDRESS.allowed);
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
