package io.vireo.vsock.host;

import io.vireo.hugepages.HostMemory;
import io.vireo.linux.LinuxException;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.endpoint.Acceptor;
import io.vireo.vsock.endpoint.ConnectListener;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.endpoint.Endpoint;
import io.vireo.vsock.endpoint.PacketPort;
import io.vireo.vsock.endpoint.Payload;
import io.vireo.vsock.loop.Loop;
import io.vireo.vsock.loop.Task;
import io.vireo.vsock.stream.Pipe;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A guest and its device without rings: two endpoints on one loop, of which each one's packets are handed to the other; and
 * the hybrid sockets on the host's side.
 */
final class GuestFixture implements AutoCloseable {
    static final int CID = 33;
    private static final int LARGEST = 65_536;
    private static final int PACKETS_A_TURN = 64;

    /** Where one endpoint's packets go: to the other. */
    private final class Wire implements PacketPort {
        private final Payload payload = new Payload();
        private final long memory =
                arena.allocate(VsockHeader.SIZE + LARGEST, Long.BYTES).address();
        private @Nullable Endpoint to;

        @Override
        public int sendRoom() {
            return to != null && to.isReady() ? LARGEST : NONE;
        }

        @Override
        public void send(long header, @Nullable Pipe content, int length) {
            HostMemory.copy(header, memory, VsockHeader.SIZE);
            payload.clear();
            if (content != null) {
                content.copyTo(0, memory + VsockHeader.SIZE, length);
                payload.add(memory + VsockHeader.SIZE, length);
            }
            if (to != null) {
                to.received(memory, payload);
            }
        }

        @Override
        public void wantToSend() {
            pump.ready();
        }

        /** A packet of no connection that this side knows of. */
        void sendAlone(int op, int port) {
            VsockAddress source = new VsockAddress(CID, 1);
            VsockHeader.write(memory, source, VsockAddress.host(port), VsockType.STREAM.code, op);
            payload.clear();
            if (to != null) {
                to.received(memory, payload);
            }
        }
    }

    private final Arena arena = Arena.ofShared();
    private final List<Throwable> failures = new ArrayList<>();
    private final Loop loop;
    private final Task pump;
    private final Wire fromGuest = new Wire();
    private final Endpoint device;
    private final Endpoint guest;
    private final BlockingQueue<VsockStream> accepted = new LinkedBlockingQueue<>();

    final HybridSockets hybrid;

    /** Ports below this one are listened on by the guest. */
    static final int FIRST_REFUSED_PORT = 1000;

    GuestFixture(Path uds) throws IOException {
        loop = new Loop("test", new Loop.Failures() {
            @Override
            public void memoryLost(InternalError error) {
                failures.add(error);
            }

            @Override
            public void taskFailed(Throwable error) {
                failures.add(error);
            }
        });
        pump = new Task(loop) {
            @Override
            protected void run() {
                pump();
            }
        };
        Wire fromDevice = new Wire();
        Acceptor[] host = new Acceptor[1];
        device = new Endpoint(loop, CID, true, incoming -> host[0].requested(incoming), fromDevice);
        guest = new Endpoint(loop, CID, false, this::requested, fromGuest);
        fromDevice.to = guest;
        fromGuest.to = device;
        loop.start();
        attach();
        hybrid = HybridSockets.bind("vm1", CID, loop, device, uds);
        host[0] = hybrid;
    }

    void attach() {
        loop.call(() -> {
            device.attach(true);
            guest.attach(true);
            return true;
        });
    }

    /** The guest is reset: neither side knows of any connection. */
    void reset() {
        loop.call(() -> {
            guest.detach();
            device.detach();
            return true;
        });
    }

    private void requested(Connection incoming) {
        if (Integer.compareUnsigned(incoming.local().port(), FIRST_REFUSED_PORT) < 0) {
            accepted.add(incoming.accept());
        } else {
            incoming.refuse();
        }
    }

    private void pump() {
        device.pump(PACKETS_A_TURN);
        guest.pump(PACKETS_A_TURN);
        if (device.isWaiting() || guest.isWaiting()) {
            pump.ready();
        }
    }

    Loop loop() {
        return loop;
    }

    /** The next connection that the guest accepted. */
    VsockStream accept() throws InterruptedException {
        VsockStream stream = accepted.poll(10, TimeUnit.SECONDS);
        if (stream == null) {
            throw new AssertionError("nobody connected");
        }
        return stream;
    }

    /** Connects the guest to a port of the host. */
    VsockStream connect(int port, VsockType type) throws IOException {
        try {
            return request(port, type).get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof VsockException known ? known : new IOException(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new IOException(e);
        }
    }

    CompletableFuture<VsockStream> request(int port, VsockType type) {
        CompletableFuture<VsockStream> result = new CompletableFuture<>();
        loop.execute(() -> {
            VsockAddress remote = VsockAddress.host(port);
            VsockAddress local = new VsockAddress(CID, guest.freePort(CID, remote));
            boolean messages = type == VsockType.SEQPACKET;
            Pipe from = new Pipe(32_768, messages);
            Pipe to = new Pipe(32_768, messages);
            guest.connect(local, remote, type, from, to, Duration.ofSeconds(10), new ConnectListener() {
                @Override
                public void established(Connection connection) {
                    result.complete(new VsockStream(local, remote, type, from, to));
                }

                @Override
                public void refused(VsockError reason) {
                    result.completeExceptionally(new VsockException(reason, "connect to " + remote));
                }
            });
        });
        return result;
    }

    /** The guest asks for a connection and, before there can be an answer, resets it. */
    void requestAndTakeBack(int port) {
        loop.call(() -> {
            fromGuest.sendAlone(VsockHeader.REQUEST, port);
            fromGuest.sendAlone(VsockHeader.RST, port);
            return true;
        });
    }

    /** Connections that the host's side has at this moment. */
    int connections() {
        return loop.call(device::connections);
    }

    /** Lets the time pass, as far as hybrid sockets know it. */
    void pass(Duration time) {
        loop.call(() -> hybrid.tick(System.nanoTime() + time.toNanos()));
    }

    @Override
    public void close() throws LinuxException {
        hybrid.close();
        reset();
        loop.close();
        device.close();
        guest.close();
        arena.close();
        if (!failures.isEmpty()) {
            throw new AssertionError("a task failed", failures.getFirst());
        }
    }
}
