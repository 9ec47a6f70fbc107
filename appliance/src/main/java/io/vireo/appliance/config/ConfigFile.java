package io.vireo.appliance.config;

import io.vireo.linux.User;
import io.vireo.router.config.IdlePolicy;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads one file: what is at its left margin here, networks and guests by readers of their own. */
final class ConfigFile {
    private final Host host;
    private final Path file;
    private final boolean toStart;
    private final Problems problems;

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
        User user = user(top);
        Path runtimeDir = directory(top, Key.RUNTIME_DIR, user, RuntimeDirectory.defaultOn(host));
        Path defaultStateDir = StateDirectory.defaultOn(host, runtimeDir);
        boolean isOneDirectory = !top.has(Key.STATE_DIR) && defaultStateDir.equals(runtimeDir);
        Path stateDir = isOneDirectory ? runtimeDir : directory(top, Key.STATE_DIR, user, defaultStateDir);
        int mode = socketMode(top);
        OptionalInt group = socketGroup(top);
        Located<Integer> reactors = top.integer(Key.REACTORS, 1, RouterConfig.MAX_REACTORS);
        IdlePolicy idle = idle(top);
        UplinkReader uplink = new UplinkReader(top, problems);
        top.require(Key.NETWORKS);
        top.require(Key.GUESTS);
        Unique unique = new Unique(problems);
        NetworkReader networks = new NetworkReader(unique, problems);
        top.atLeastOneSection(Key.NETWORKS, Key.OF_NETWORK).forEach(networks::read);
        SocketPaths sockets = new SocketPaths(runtimeDir, toStart ? host : null, unique, problems);
        VsockReader vsock = new VsockReader(sockets, unique, problems);
        GuestReader reader = new GuestReader(networks, sockets, vsock, unique, problems);
        List<VhostConfig> guests = new ArrayList<>();
        for (Section section : top.atLeastOneSection(Key.GUESTS, Key.OF_GUEST)) {
            VhostConfig guest = reader.read(section);
            if (guest != null) {
                guests.add(guest);
            }
        }
        vsock.requireOutOfReach(reader.sockets());
        GuestServices services = new ServicesReader(top, problems).read();
        new RoutingChecks(networks.networks(), networks.configs(), reader.networkOf(), uplink, problems).check();
        if (problems.size() > 0) {
            throw problems.toException();
        }
        Optional<Path> journal = Optional.of(stateDir.resolve(ApplianceConfig.JOURNAL));
        RouterConfig router = new RouterConfig(
                Located.orElse(reactors, 1), idle, journal, uplink.config(), networks.configs(), guests);
        return new ApplianceConfig(
                runtimeDir, stateDir, mode, group, Optional.ofNullable(user), router, vsock.guests(), services);
    }

    /** The directory that is given, which must be usable, or the default one, which must be too. */
    private Path directory(Section top, Key key, @Nullable User user, Path otherwise) {
        Located<String> text = top.text(key);
        Located<Path> given = problems.parse(text, ConfigFile::absolutePath, key.allowed);
        Path directory = given == null ? otherwise : given.value();
        if (toStart && (text == null || given != null)) {
            Located<Path> at = given == null ? new Located<>(directory, 1, key.text) : given;
            problems.parse(
                    at,
                    path -> {
                        RuntimeDirectory.requireUsable(path, host, user);
                        return path;
                    },
                    key.allowed);
        }
        return directory;
    }

    static Path absolutePath(String text) {
        Path path = Path.of(text);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(text + " is not an absolute path");
        }
        return path.normalize();
    }

    private int socketMode(Section top) {
        Located<Integer> mode = problems.parse(top.text(Key.SOCKET_MODE), ConfigFile::mode, Key.SOCKET_MODE.allowed);
        return Located.orElse(mode, ApplianceConfig.DEFAULT_SOCKET_MODE);
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

    private @Nullable User user(Section top) {
        Located<User> user = problems.parse(top.text(Key.USER), this::user, Key.USER.allowed);
        return user == null ? null : user.value();
    }

    private User user(String name) {
        User user = host.user(name).orElseThrow(() -> new IllegalArgumentException("there is no user " + name));
        if (user.id() == 0) {
            throw new IllegalArgumentException(name + " is root");
        }
        if (toStart && host.userId() != 0) {
            throw new IllegalArgumentException("only root can become " + name);
        }
        return user;
    }

    private IdlePolicy idle(Section top) {
        Section section = top.section(Key.IDLE, Key.OF_IDLE);
        if (section == null) {
            return IdlePolicy.DEFAULT;
        }
        Located<Long> spin = problems.parse(section.text(Key.SPIN), ConfigFile::spin, Key.SPIN.allowed);
        IdlePolicy.Mode mode = section.oneOf(Key.IDLE_MODE, IdlePolicy.DEFAULT.mode());
        return new IdlePolicy(
                mode == null ? IdlePolicy.DEFAULT.mode() : mode, Located.orElse(spin, IdlePolicy.DEFAULT.spinNs()));
    }

    private static long spin(String text) {
        long ns = Durations.parseNs(text);
        if (ns > IdlePolicy.MAX_SPIN_NS) {
            throw new IllegalArgumentException(text + " is too long");
        }
        return ns;
    }
}
