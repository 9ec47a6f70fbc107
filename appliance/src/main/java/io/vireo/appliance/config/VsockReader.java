package io.vireo.appliance.config;

import io.vireo.vhostuser.backend.VhostUserSocket;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.host.VsockGuest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what guests have of vsock, one after the other. */
final class VsockReader {
    private static final String SOCKET_SUFFIX = "-vsock.sock";

    private final SocketPaths sockets;
    private final Unique unique;
    private final Problems problems;
    private final List<VsockGuest> guests = new ArrayList<>();
    private final List<Located<Path>> devices = new ArrayList<>();
    private final List<Located<Path>> hybrids = new ArrayList<>();

    VsockReader(SocketPaths sockets, Unique unique, Problems problems) {
        this.sockets = sockets;
        this.unique = unique;
        this.problems = problems;
    }

    /** @param name null where the guest's is wrong */
    void read(Section guest, @Nullable Located<String> name) {
        Section section = guest.section(Key.VSOCK, Key.OF_VSOCK);
        if (section == null) {
            return;
        }
        int before = problems.size();
        section.require(Key.CID);
        Located<Integer> cid = section.unsigned(Key.CID, VsockAddress.FIRST_GUEST, VsockGuest.LAST_CID);
        if (cid != null) {
            unique.isFirst("cid", cid, Integer.toUnsignedString(cid.value()));
        }
        Located<VhostUserSocket> socket = socket(section, name);
        Located<Path> uds = sockets.read(section.text(Key.UDS), Key.UDS, VsockGuest::requireUds);
        Located<String> group =
                problems.parse(section.text(Key.VSOCK_GROUP), VsockGuest::requireGroup, Key.VSOCK_GROUP.allowed);
        if (socket != null) {
            devices.add(socket.with(socket.value().path()));
        }
        if (uds != null) {
            hybrids.add(uds);
        }
        if (problems.size() == before && name != null && cid != null && socket != null) {
            guests.add(new VsockGuest(name.value(), cid.value(), socket.value(), value(uds), value(group)));
        }
    }

    private static <T> Optional<T> value(@Nullable Located<T> read) {
        return Optional.ofNullable(read).map(Located::value);
    }

    private @Nullable Located<VhostUserSocket> socket(Section section, @Nullable Located<String> name) {
        Located<String> text = section.text(Key.VSOCK_SOCKET);
        if (text == null && name != null && !section.has(Key.VSOCK_SOCKET)) {
            text = name.with(name.value() + SOCKET_SUFFIX);
        }
        return sockets.read(text, Key.VSOCK_SOCKET, section.oneOf(Key.MODE, VhostUserSocket.Mode.SERVER));
    }

    /**
     * Adds a problem for each socket of Vireo's own to which a guest could connect, as if it were a program of the host that
     * listens on one of the guest's ports.
     *
     * @param others sockets beside those of vsock
     */
    void requireOutOfReach(List<Located<Path>> others) {
        List<Located<Path>> all = new ArrayList<>(others);
        all.addAll(devices);
        all.addAll(hybrids);
        for (Located<Path> uds : hybrids) {
            all.stream()
                    .filter(socket -> VsockGuest.isPortOf(uds.value(), socket.value()))
                    .forEach(socket -> problems.add(
                            socket,
                            "%s is a port of the guest whose uds is on line %d".formatted(socket.value(), uds.line()),
                            "a path that is not that of a uds, an underscore and digits"));
        }
    }

    /** Those in which nothing is wrong. */
    List<VsockGuest> guests() {
        return List.copyOf(guests);
    }
}
