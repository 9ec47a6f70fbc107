package io.vireo.appliance.config;

import io.vireo.linux.CurrentProcess;
import io.vireo.linux.LinuxException;
import io.vireo.linux.User;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import jnr.posix.Group;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import org.jspecify.annotations.Nullable;

/** This machine. */
final class LocalHost implements Host {
    /** The type bits of {@code st_mode} and their value for a socket (inode(7)). */
    private static final int S_IFMT = 0170000;

    private static final int S_IFSOCK = 0140000;

    @Override
    public int userId() {
        return CurrentProcess.effectiveUserId();
    }

    @Override
    public OptionalInt groupId(String group) {
        POSIX posix =
                POSIXFactory.getNativePOSIX(); // takes a fifth of a second, and not every configuration names a group
        Group found = group.matches("[0-9]{1,9}") ? posix.getgrgid(Integer.parseInt(group)) : posix.getgrnam(group);
        return found == null ? OptionalInt.empty() : OptionalInt.of((int) found.getGID());
    }

    @Override
    public Optional<User> user(String user) {
        try {
            return User.find(user);
        } catch (LinuxException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    @Override
    public @Nullable String environment(String name) {
        return System.getenv(name);
    }

    @Override
    public SocketState socketState(Path socket) {
        try {
            int mode = (int) Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            return (mode & S_IFMT) == S_IFSOCK ? probe(socket) : SocketState.NOT_A_SOCKET;
        } catch (NoSuchFileException e) {
            return SocketState.ABSENT;
        } catch (IOException e) {
            return SocketState.LIVE;
        }
    }

    private static SocketState probe(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            // A blocking connect would wait for as long as the listener's backlog is full.
            channel.configureBlocking(false);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return SocketState.LIVE;
        } catch (ConnectException e) {
            return SocketState.STALE;
        }
    }
}
