package io.vireo.appliance.config;

import io.vireo.linux.User;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A machine of which exactly that is true which a test says. */
public record FakeHost(
        int userId, Map<String, Integer> groups, Map<String, String> variables, Map<Path, Host.SocketState> sockets)
        implements Host {
    static final int KVM = 104;
    static final User VIREO = new User("vireo", 987, 986, List.of(986));

    private static final User ROOT = new User("root", 0, 0, List.of(0));

    /** Root's, with one group, one more user, no environment and no sockets. */
    public static final FakeHost PLAIN = new FakeHost(0, Map.of("kvm", KVM), Map.of(), Map.of());

    public FakeHost withUser(int id) {
        return new FakeHost(id, groups, variables, sockets);
    }

    public FakeHost withVariable(String name, String value) {
        return new FakeHost(userId, groups, Map.of(name, value), sockets);
    }

    FakeHost withSocket(Path path, SocketState state) {
        return new FakeHost(userId, groups, variables, Map.of(path, state));
    }

    @Override
    public OptionalInt groupId(String group) {
        Integer id = groups.get(group);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public Optional<User> user(String user) {
        return Stream.of(ROOT, VIREO)
                .filter(it -> it.name().equals(user) || String.valueOf(it.id()).equals(user))
                .findFirst();
    }

    @Override
    public @Nullable String environment(String name) {
        return variables.get(name);
    }

    @Override
    public SocketState socketState(Path socket) {
        return sockets.getOrDefault(socket, SocketState.ABSENT);
    }
}
