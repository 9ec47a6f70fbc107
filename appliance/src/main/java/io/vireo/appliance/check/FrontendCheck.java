package io.vireo.appliance.check;

import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.vhostuser.backend.VhostUserSocket;
import io.vireo.vsock.host.VsockGuest;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Whether the sockets on which guests' VMMs listen can be connected to. Nobody connects: it would be taken for Vireo. */
final class FrontendCheck {
    private final ApplianceConfig config;
    private final Machine machine;
    private final UserAccess access;

    FrontendCheck(ApplianceConfig config, Machine machine, UserAccess access) {
        this.config = config;
        this.machine = machine;
        this.access = access;
    }

    List<Finding> find() {
        return Stream.concat(
                        config.router().guests().stream().map(VhostConfig::socket),
                        config.vsock().stream().map(VsockGuest::socket))
                .filter(socket -> !socket.isServer())
                .map(VhostUserSocket::path)
                .map(this::find)
                .toList();
    }

    private Finding find(Path socket) {
        if (!machine.exists(socket.toString())) {
            return Finding.ok("nothing is at " + socket + " yet; Vireo connects once a VMM listens there");
        }
        Machine.Access file = machine.access(socket.toString()).orElse(null);
        if (file == null) {
            return Finding.unknown("whether " + socket + " may be connected to: it cannot be examined");
        }
        return access.mayUse(socket, file)
                ? Finding.ok(socket + " may be connected to")
                : Finding.lacks(
                        "%s may not be connected to by %s".formatted(socket, access.userName()),
                        access.cure(socket, file));
    }
}
