package io.vireo.harness;

import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.vhostuser.backend.VhostUserServer;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.device.VsockDevice;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.endpoint.VsockCounter;
import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A guest's vsock device behind a socket, with services of the test's own on the host. */
final class TestVsock implements AutoCloseable {
    static final int CID = 33;
    /** Returns all bytes, until there are no more; of messages, each by itself. */
    static final int ECHO = 7;

    /** What the host does with a connection, on a thread of its own. The connection is closed afterwards. */
    @FunctionalInterface
    interface Service {
        void serve(VsockStream stream) throws IOException;
    }

    private static final int LONGEST_MESSAGE = 65_536;

    private final Path folder;
    private final VsockDevice device;
    private final VhostUserServer server;
    private final Map<Integer, Service> services = new ConcurrentHashMap<>();
    private final Set<Integer> held = ConcurrentHashMap.newKeySet();

    private TestVsock(Path folder) throws IOException {
        this.folder = folder;
        device = new VsockDevice("vm1", CID, this::requested);
        server = VhostUserServer.bind(socket(), device);
        server.start();
        serve(ECHO, TestVsock::echo);
    }

    static TestVsock start() throws IOException {
        return new TestVsock(Files.createTempDirectory("vireo-vsock-"));
    }

    Path socket() {
        return folder.resolve("vm1-vsock.sock");
    }

    VsockDevice device() {
        return device;
    }

    long counter(VsockCounter counter) {
        Map<VsockCounter, Long> counters = device.counters();
        return counters.getOrDefault(counter, 0L);
    }

    VsockFrontendDevice attach() throws IOException {
        return VsockFrontendDevice.attach(socket());
    }

    VsockFrontendDevice attach(RingFormat format) throws IOException {
        return VsockFrontendDevice.attach(socket(), format.options(VsockFrontendDevice.OPTIONS));
    }

    /** From now on, connections to this port of the host are accepted. */
    void serve(int port, Service service) {
        services.put(port, service);
    }

    /** From now on, who wants to connect to this port of the host is neither accepted nor refused. */
    void hold(int port) {
        held.add(port);
    }

    private void requested(Connection incoming) {
        if (held.contains(incoming.local().port())) {
            return;
        }
        Service service = services.get(incoming.local().port());
        if (service == null || incoming.local().cid() != VsockAddress.HOST) {
            incoming.refuse();
            return;
        }
        VsockStream stream = incoming.accept();
        Thread.startVirtualThread(() -> {
            try (stream) {
                service.serve(stream);
            } catch (IOException e) {
                // the guest sees it
            }
        });
    }

    static void echo(VsockStream stream) throws IOException {
        byte[] buffer = new byte[LONGEST_MESSAGE];
        boolean messages = stream.type() == VsockType.SEQPACKET;
        while (true) {
            int length =
                    messages ? stream.readMessage(buffer, 0, buffer.length) : stream.read(buffer, 0, buffer.length);
            if (length < 0) {
                return;
            }
            if (messages) {
                stream.writeMessage(buffer, 0, length);
            } else {
                stream.write(buffer, 0, length);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        device.close();
        Files.deleteIfExists(folder);
    }
}
