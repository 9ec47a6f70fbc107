package io.vireo.vsock.host;

import io.vireo.vhostuser.backend.VhostUserBackend;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.device.VsockDevice;
import io.vireo.vsock.endpoint.Acceptor;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.endpoint.VsockCounter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The host's side of all guests that have vsock, as a running thing: a device and a socket each, the ports that the appliance
 * answers on, and the ways that lead to programs of the host and to other guests. For any thread.
 */
public final class VsockHost implements AutoCloseable {
    private final Map<String, VsockDevice> devices = new LinkedHashMap<>();
    private final List<VhostUserBackend> backends = new ArrayList<>();
    private final Map<String, HybridSockets> programs = new LinkedHashMap<>();
    private final Groups groups = new Groups();
    private final HostPorts ports;

    /**
     * When it returns, every socket of its own listens.
     *
     * @param services by port, for every guest
     * @throws IOException if one cannot be made; nothing is left behind then
     */
    public static VsockHost start(List<VsockGuest> guests, Map<Integer, StreamHandler> services, SocketSetup setup)
            throws IOException {
        VsockHost host = new VsockHost(services);
        try {
            for (VsockGuest guest : guests) {
                host.add(guest, setup);
            }
            host.listen();
            return host;
        } catch (IOException | RuntimeException e) {
            host.close();
            throw e;
        }
    }

    private VsockHost(Map<Integer, StreamHandler> services) {
        ports = new HostPorts(services);
    }

    private void add(VsockGuest guest, SocketSetup setup) throws IOException {
        GuestDoor door = new GuestDoor(guest);
        VsockDevice device = new VsockDevice(guest.name(), guest.cid(), door);
        door.device = device;
        devices.put(guest.name(), device);
        groups.add(guest, device);
        backends.add(VhostUserBackend.open(guest.socket(), device));
        if (guest.socket().isServer()) {
            setup.apply(guest.socket().path());
        }
        if (guest.uds().isPresent()) {
            Path uds = guest.uds().get();
            HybridSockets hybrid = HybridSockets.bind(device, uds);
            programs.put(guest.name(), hybrid);
            door.programs = hybrid;
            setup.apply(uds);
        }
    }

    /** Where a guest's requests go: the appliance's own ports first, then programs of the host; other guests by their number. */
    private final class GuestDoor implements Acceptor {
        private final VsockGuest guest;
        private volatile VsockDevice device;
        private volatile @Nullable HybridSockets programs;

        @SuppressWarnings("NullAway") // its device is there before its guest can be
        GuestDoor(VsockGuest guest) {
            this.guest = guest;
        }

        @Override
        public void requested(Connection incoming) {
            if (incoming.local().cid() != VsockAddress.HOST) {
                groups.connect(device, incoming);
            } else if (!ports.take(guest.name(), incoming)) {
                HybridSockets hybrid = programs;
                if (hybrid == null) {
                    incoming.refuse();
                } else {
                    hybrid.requested(incoming);
                }
            }
        }
    }

    /** From now on guests, and programs of the host, can connect. */
    private void listen() throws IOException {
        for (VhostUserBackend backend : backends) {
            backend.start();
        }
        for (HybridSockets hybrid : programs.values()) {
            hybrid.start();
        }
    }

    /** What was counted, by guest. */
    public Map<String, Map<VsockCounter, Long>> counters() {
        Map<String, Map<VsockCounter, Long>> all = new LinkedHashMap<>();
        devices.forEach((name, device) -> all.put(name, device.counters()));
        return all;
    }

    /** What happened at the sockets for programs of the host, by guest; of guests that have them. */
    public Map<String, Map<HybridCounter, Long>> programCounters() {
        Map<String, Map<HybridCounter, Long>> all = new LinkedHashMap<>();
        programs.forEach((name, hybrid) -> all.put(name, hybrid.counters()));
        return all;
    }

    /** Ends all sessions and connections, and removes the sockets. */
    @Override
    public void close() {
        backends.forEach(VhostUserBackend::close);
        programs.values().forEach(HybridSockets::close);
        devices.values().forEach(VsockDevice::close);
        ports.close();
    }
}
