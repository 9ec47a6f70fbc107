package io.vireo.appliance.config;

import io.vireo.linux.User;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What reading a configuration asks of the machine it is for. Nothing here changes anything. */
public interface Host {
    /** What stands at a path where a socket is to be bound. */
    enum SocketState {
        ABSENT,
        /** A socket nobody listens on: its process ended without removing it. */
        STALE,
        /** A socket that somebody listens on, or may: it could not be found out. */
        LIVE,
        NOT_A_SOCKET
    }

    int userId();

    /** The number of a group given by name or number; empty when there is no such group. */
    OptionalInt groupId(String group);

    /** A user given by name or number; empty when there is no such user. */
    Optional<User> user(String user);

    @Nullable
    String environment(String name);

    SocketState socketState(Path socket);

    static Host local() {
        return new LocalHost();
    }
}
