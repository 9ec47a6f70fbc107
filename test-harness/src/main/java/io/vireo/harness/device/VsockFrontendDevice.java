package io.vireo.harness.device;

import io.vireo.virtqueue.Features;
import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.guest.DriverQueue;
import io.vireo.vsock.guest.VsockDriver;
import io.vireo.vsock.guest.VsockSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Plays the VM: a vsock device's driver on the frontend's end of vhost-user, with sockets as a guest's programs have them.
 *
 * <pre>{@code
 * try (VsockFrontendDevice guest = VsockFrontendDevice.attach(socket);
 *         VsockSocket client = guest.socket(VsockType.STREAM)) {
 *     client.connect(VsockAddress.host(5000));
 * }
 * }</pre>
 */
public final class VsockFrontendDevice implements AutoCloseable {
    private static final int QUEUES = 3;
    private static final int CONFIG_SIZE = 8;

    /** A guest whose packets carry up to 16 KiB. */
    public static final FrontendOptions OPTIONS = new FrontendOptions(
            128,
            16_384 + VsockHeader.SIZE,
            1,
            Features.VERSION_1
                    | Features.RING_EVENT_IDX
                    | Features.VSOCK_SEQPACKET
                    | Features.VHOST_USER_PROTOCOL_FEATURES);

    private final FrontendSession session;
    private final VsockDriver driver;

    private VsockFrontendDevice(FrontendSession session, VsockDriver driver) {
        this.session = session;
        this.driver = driver;
    }

    public static VsockFrontendDevice attach(Path socket) throws IOException {
        return attach(socket, OPTIONS);
    }

    /** Connects to a device's socket, negotiates, and starts the driver. */
    public static VsockFrontendDevice attach(Path socket, FrontendOptions options) throws IOException {
        long buffers = 2L * options.queueSize() * (options.bufferSize() + FrontendMemory.ALIGNMENT);
        FrontendSession session = FrontendSession.connect(socket, options, QUEUES, buffers);
        try {
            long cid = ByteBuffer.wrap(session.setup(CONFIG_SIZE))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            boolean messages = (session.features() & Features.VSOCK_SEQPACKET) != 0;
            DriverQueue[] queues = new DriverQueue[QUEUES];
            for (int i = 0; i < QUEUES; i++) {
                FrontendQueue queue = session.queue(i);
                queues[i] = new DriverQueue(queue.ring, queue.kick, queue.call);
            }
            VsockDriver driver =
                    new VsockDriver("" + cid, (int) cid, messages, session.memory, options.bufferSize(), queues);
            return new VsockFrontendDevice(session, driver);
        } catch (IOException e) {
            session.close();
            throw e;
        }
    }

    public int cid() {
        return driver.cid();
    }

    public VsockDriver driver() {
        return driver;
    }

    /** A new socket of this guest's. */
    public VsockSocket socket(VsockType type) {
        return new VsockSocket(driver, type);
    }

    /** Leaves, as a VMM does that ends: without a word. */
    @Override
    public void close() {
        driver.close();
        session.close();
    }
}
