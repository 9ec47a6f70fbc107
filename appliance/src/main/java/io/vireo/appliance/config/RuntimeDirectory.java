package io.vireo.appliance.config;

import io.vireo.linux.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where sockets are when nothing else is said, and whether a directory can serve as that. */
final class RuntimeDirectory {
    private static final String NAME = "vireo";

    private RuntimeDirectory() {}

    /**
     * {@code /run/vireo} for root, else {@code $XDG_RUNTIME_DIR/vireo} (XDG Base Directory Specification: a relative
     * path there counts as unset), else a folder of this user's own among the temporary files. The latter has a fixed
     * name, so that guest-args finds what run has made; {@link #requireUsable} does not accept it from anyone else.
     */
    static Path defaultOn(Host host) {
        if (host.userId() == 0) {
            return Path.of("/run", NAME);
        }
        String xdg = host.environment("XDG_RUNTIME_DIR");
        return xdg != null && xdg.startsWith("/")
                ? Path.of(xdg, NAME)
                : Path.of(System.getProperty("java.io.tmpdir"), NAME + "-" + host.userId());
    }

    /**
     * Throws {@link IllegalArgumentException} unless sockets can be made there, or the directory itself can.
     *
     * @param user whom it must belong to if it is there, as root will not be there to write to it; null: nobody is to be
     */
    static void requireUsable(Path directory, Host host, @Nullable User user) {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            requireWritableParent(directory);
        } else if (!Files.isDirectory(directory)) {
            throw new IllegalArgumentException(directory + " is not a directory");
        } else if (!Files.isWritable(directory)) {
            throw new IllegalArgumentException(directory + " is not writable");
        } else {
            requireNotForeign(directory, host, user);
        }
    }

    private static void requireWritableParent(Path directory) {
        Path parent = directory.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new IllegalArgumentException("there is no directory " + parent + " to make it in");
        }
        if (!Files.isWritable(parent)) {
            throw new IllegalArgumentException("there is no such directory, and " + parent + " is not writable");
        }
    }

    /** A directory that others may write to lets them put their own socket in the place of a guest's. */
    private static void requireNotForeign(Path directory, Host host, @Nullable User user) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
            int owner = (int) Files.getAttribute(directory, "unix:uid");
            if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new IllegalArgumentException(directory + " is writable for everybody");
            }
            if (user != null && owner != user.id()) {
                throw new IllegalArgumentException("%s belongs to user %d and must be %s's: chown %s %s"
                        .formatted(directory, owner, user.name(), user.name(), directory));
            }
            if (user == null && owner != 0 && owner != host.userId()) {
                throw new IllegalArgumentException(directory + " belongs to another user, " + owner);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(directory + " cannot be examined: " + e.getMessage(), e);
        }
    }
}
