package io.vireo.appliance;

import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.router.Router;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/** A router with its runtime directory and its sockets' permissions. */
public final class Appliance implements AutoCloseable {
    private static final int PRIVATE_UMASK = 0077;
    private static final int RUNTIME_DIR_MODE = 0750;
    private static final int UNCHANGED = -1;

    private final Router router;

    private Appliance(Router router) {
        this.router = router;
    }

    /** When it returns, every socket listens, with the mode and group that the configuration says. */
    public static Appliance start(ApplianceConfig config) throws IOException {
        POSIX posix = POSIXFactory.getNativePOSIX();
        posix.umask(PRIVATE_UMASK); // no socket is ever open wider than it will be
        makeRuntimeDir(posix, config);
        return new Appliance(Router.start(
                config.router(), socket -> setAccess(posix, socket, config.socketMode(), config.socketGroup())));
    }

    private static void makeRuntimeDir(POSIX posix, ApplianceConfig config) throws IOException {
        Path directory = config.runtimeDir();
        if (!Files.isDirectory(directory)) {
            Files.createDirectory(directory);
            setAccess(posix, directory, RUNTIME_DIR_MODE, config.socketGroup());
        }
    }

    private static void setAccess(POSIX posix, Path path, int mode, OptionalInt group) throws IOException {
        if (group.isPresent() && posix.chown(path.toString(), UNCHANGED, group.getAsInt()) != 0) {
            throw new IOException("cannot give " + path + " to group " + group.getAsInt() + ": " + error(posix)
                    + "; run as root or as a member of the group");
        }
        if (posix.chmod(path.toString(), mode) != 0) {
            throw new IOException("cannot set mode %o on %s: %s".formatted(mode, path, error(posix)));
        }
    }

    private static String error(POSIX posix) {
        return posix.strerror(posix.errno());
    }

    public Router router() {
        return router;
    }

    @Override
    public void close() {
        router.shutdown();
    }
}
