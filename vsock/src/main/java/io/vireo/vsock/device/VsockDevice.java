package io.vireo.vsock.device;

import io.vireo.linux.LinuxException;
import io.vireo.vhostuser.backend.RingSetup;
import io.vireo.vhostuser.backend.VhostUserDevice;
import io.vireo.virtqueue.Features;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.endpoint.Acceptor;
import io.vireo.vsock.endpoint.ConnectListener;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.endpoint.Endpoint;
import io.vireo.vsock.endpoint.VsockCounter;
import io.vireo.vsock.loop.Loop;
import io.vireo.vsock.stream.Pipe;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A guest's vsock device (virtio 1.3, 5.10), with a thread of its own. For any thread. */
public final class VsockDevice implements VhostUserDevice, AutoCloseable {
    private static final long FEATURES = Features.VERSION_1
            | Features.RING_PACKED
            | Features.RING_INDIRECT_DESC
            | Features.RING_EVENT_IDX
            | Features.IN_ORDER
            | Features.VSOCK_STREAM
            | Features.VSOCK_SEQPACKET;

    private static final int MAX_QUEUE_SIZE = 1024;

    private final String name;
    private final int cid;
    private final Loop loop;
    private final DevicePort port;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * @param name of the guest, for log lines and thread names
     * @param cid the guest's context, {@link VsockAddress#FIRST_GUEST} at least
     * @param acceptor decides, on the device's thread, on the connections that the guest asks for
     */
    public VsockDevice(String name, int cid, Acceptor acceptor) throws LinuxException {
        this.name = name;
        this.cid = cid;
        loop = new Loop("vsock-" + name, new Loop.Failures() {
            @Override
            public void memoryLost(InternalError error) {
                port().memoryLost();
            }

            @Override
            public void taskFailed(Throwable error) {
                port().isolate(error);
            }
        });
        try {
            port = new DevicePort(name, cid, loop, acceptor);
        } catch (LinuxException e) {
            loop.close();
            throw e;
        }
        loop.start();
    }

    private DevicePort port() {
        return port;
    }

    /** The thread that serves it, for tasks that belong to the guest. */
    public Loop loop() {
        return loop;
    }

    /** For the loop's thread alone. */
    public Endpoint endpoint() {
        return port.endpoint();
    }

    public int cid() {
        return cid;
    }

    // ---- as a vhost-user session sees it

    @Override
    public String name() {
        return name;
    }

    @Override
    public long features() {
        return FEATURES;
    }

    @Override
    public int queues() {
        return DevicePort.QUEUES;
    }

    @Override
    public int maxQueueSize() {
        return MAX_QUEUE_SIZE;
    }

    /** {@code struct virtio_vsock_config}: guest_cid, little endian (5.10.4). */
    @Override
    public byte[] config() {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(Integer.toUnsignedLong(cid))
                .array();
    }

    @Override
    public boolean acceptsMtu(int mtu) {
        return false;
    }

    @Override
    public void startRing(RingSetup setup) {
        loop.call(() -> {
            port.start(setup);
            return true;
        });
    }

    @Override
    public void enableRing(int queue, boolean enabled) {
        loop.call(() -> {
            port.enable(queue, enabled);
            return true;
        });
    }

    @Override
    public int stopRing(int queue) {
        return loop.call(() -> port.stop(queue));
    }

    @Override
    public void reset() {
        loop.call(() -> {
            port.reset();
            return true;
        });
    }

    // ---- for the host

    /**
     * Connects to a port of the guest's.
     *
     * @throws VsockException ECONNREFUSED if nobody listens there, ETIMEDOUT, ENODEV if the guest has no driver
     */
    public VsockStream connect(int guestPort, VsockType type, Duration timeout) throws IOException {
        CompletableFuture<VsockStream> result = new CompletableFuture<>();
        try {
            loop.call(() -> {
                connect(guestPort, type, timeout, result); // there will be a result, whatever becomes of the guest
                return true;
            });
            return result.get();
        } catch (RejectedExecutionException e) {
            throw new VsockException(VsockError.ENODEV, "connect to " + name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result.cancel(false);
            throw new IOException("interrupted while connecting", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        }
    }

    private void connect(int guestPort, VsockType type, Duration timeout, CompletableFuture<VsockStream> result) {
        Endpoint endpoint = endpoint();
        VsockAddress remote = new VsockAddress(cid, guestPort);
        VsockAddress local = VsockAddress.host(endpoint.freePort(VsockAddress.HOST, remote));
        int capacity = endpoint.capacity();
        Pipe from = new Pipe(capacity, type == VsockType.SEQPACKET);
        Pipe to = new Pipe(capacity, type == VsockType.SEQPACKET);
        endpoint.connect(local, remote, type, from, to, timeout, new ConnectListener() {
            @Override
            public void established(Connection connection) {
                VsockStream stream = new VsockStream(local, remote, type, from, to);
                if (!result.complete(stream)) {
                    stream.abort(); // nobody waits for it any more
                }
            }

            @Override
            public void refused(VsockError reason) {
                result.completeExceptionally(new VsockException(reason, "connect to " + name + " at " + remote));
            }
        });
    }

    public Map<VsockCounter, Long> counters() {
        return loop.call(() -> endpoint().counters());
    }

    /** Connections at this moment. */
    public int connections() {
        return loop.call(() -> endpoint().connections());
    }

    /** Ends its thread; its session has ended. Does nothing the second time. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        loop.call(() -> {
            port.reset();
            return true;
        });
        loop.close();
        port.close();
    }
}
