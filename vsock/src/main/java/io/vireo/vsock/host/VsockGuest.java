package io.vireo.vsock.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.backend.VhostUserSocket;
import io.vireo.vsock.VsockAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One guest that has vsock. What is wrong, the constructor says in an {@link IllegalArgumentException}.
 *
 * @param name for log lines and thread names
 * @param cid the guest's context, unsigned, {@value VsockAddress#FIRST_GUEST} to {@value #LAST_CID_TEXT}
 * @param socket where the guest's VMM connects to the device, or listens for it; at most {@value UnixSocket#MAX_PATH_BYTES} bytes when absolute
 * @param uds where programs of the host connect to reach the guest; what it connects to itself is this path with an
 *     underscore and the port appended, for which there must be room: at most {@value #MAX_UDS_BYTES} bytes when absolute.
 *     Empty: neither
 * @param group guests of one group may connect to one another; empty: to the host alone
 */
public record VsockGuest(String name, int cid, VhostUserSocket socket, Optional<Path> uds, Optional<String> group) {
    /** The last before VMADDR_CID_ANY (vsock(7)). */
    public static final int LAST_CID = -2;

    private static final String LAST_CID_TEXT = "4294967294";

    /** An underscore and the longest port. */
    private static final int PORT_BYTES = "_4294967295".length();

    public static final int MAX_UDS_BYTES = UnixSocket.MAX_PATH_BYTES - PORT_BYTES;

    private static final Pattern GROUP = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    public VsockGuest {
        if (Integer.compareUnsigned(cid, VsockAddress.FIRST_GUEST) < 0 || Integer.compareUnsigned(cid, LAST_CID) > 0) {
            throw new IllegalArgumentException("cid %s is not within %d to %s"
                    .formatted(Integer.toUnsignedString(cid), VsockAddress.FIRST_GUEST, LAST_CID_TEXT));
        }
        requireLength(socket.path(), UnixSocket.MAX_PATH_BYTES, "");
        uds.ifPresent(VsockGuest::requireUds);
        group.ifPresent(VsockGuest::requireGroup);
    }

    /** Returns the path if it has room for a port. @throws IllegalArgumentException that says how long it may be */
    public static Path requireUds(Path uds) {
        return requireLength(uds, MAX_UDS_BYTES, ", as ports are appended to it");
    }

    private static Path requireLength(Path socket, int most, String why) {
        int bytes = socket.toAbsolutePath().toString().getBytes(UTF_8).length;
        if (bytes > most) {
            throw new IllegalArgumentException(
                    "socket path %s has %d bytes when absolute, more than %d%s".formatted(socket, bytes, most, why));
        }
        return socket;
    }

    /** Returns the name if it can be a group's. @throws IllegalArgumentException that says what can */
    public static String requireGroup(String group) {
        if (!GROUP.matcher(group).matches()) {
            throw new IllegalArgumentException("\"%s\" does not match %s".formatted(group, GROUP.pattern()));
        }
        return group;
    }

    /** Where the guest's connections to the host's {@code port} lead, if somebody listens there. */
    public static Path udsOfPort(Path uds, int port) {
        return Path.of(uds + "_" + Integer.toUnsignedString(port));
    }

    /** Whether the path is that of one of the ports of {@code uds}: who listens there is reached by that guest. */
    public static boolean isPortOf(Path uds, Path socket) {
        String prefix = uds + "_";
        String path = socket.toString();
        return path.startsWith(prefix) && path.substring(prefix.length()).matches("[0-9]{1,10}");
    }
}
